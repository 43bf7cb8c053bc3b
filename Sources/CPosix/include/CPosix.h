#ifndef MARTLET_CPOSIX_H
#define MARTLET_CPOSIX_H
#endif
