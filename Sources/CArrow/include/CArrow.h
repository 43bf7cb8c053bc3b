#ifndef MARTLET_CARROW_H
#define MARTLET_CARROW_H
#endif
