/* Dates, times, timestamps and day-time intervals. */
#include "native.h"
#include <time.h>
#include <datetime.h>

#define US_PER_DAY INT64_C(86400000000)

int mt_need_datetime(void)
{
    if (PyDateTimeAPI == NULL) PyDateTime_IMPORT;
    return PyDateTimeAPI ? 0 : -1;
}

bool mt_is_temporal(mt_kind kind, PyObject *v)
{
    switch (kind) {
    case MT_DATE: return PyDate_CheckExact(v);
    case MT_TIME: return PyTime_CheckExact(v);
    case MT_TIMESTAMP: return PyDateTime_CheckExact(v) && !((PyDateTime_DateTime *)v)->hastzinfo;
    case MT_INTERVAL_DS: return PyDelta_CheckExact(v);
    default: return false;
    }
}

/* Days since 1970-01-01 of a proleptic Gregorian date, and back (Hinnant's algorithms). */
static int64_t days_of(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static int date_of(int64_t days, int *y, int *m, int *d)
{
    if (days < -719162 || days > 2932896) { /* 0001-01-01 … 9999-12-31 */
        PyErr_Format(PyExc_OverflowError, "day %lld is outside of what datetime can express",
                     (long long)days);
        return -1;
    }
    days += 719468;
    int64_t era = days / 146097, doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *d = (int)(doy - (153 * mp + 2) / 5 + 1);
    *m = (int)(mp < 10 ? mp + 3 : mp - 9);
    *y = (int)(yoe + era * 400 + (*m <= 2));
    return 0;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* As java.sql's classes hold it, in UTC; `nanos` of the second for timestamps. */
void mt_temporal_millis(mt_kind kind, PyObject *v, int64_t *millis, int64_t *nanos)
{
    *millis = *nanos = 0;
    if (kind == MT_TIME ? !PyTime_Check(v) : !PyDate_Check(v)) return;
    if (kind == MT_TIME) {
        *millis = PyDateTime_TIME_GET_HOUR(v) * 3600000 + PyDateTime_TIME_GET_MINUTE(v) * 60000 +
                  PyDateTime_TIME_GET_SECOND(v) * 1000 + PyDateTime_TIME_GET_MICROSECOND(v) / 1000;
        return;
    }
    *millis = days_of(PyDateTime_GET_YEAR(v), PyDateTime_GET_MONTH(v), PyDateTime_GET_DAY(v)) *
              86400000;
    if (kind == MT_DATE || !PyDateTime_Check(v)) return;
    *millis += PyDateTime_DATE_GET_HOUR(v) * 3600000 + PyDateTime_DATE_GET_MINUTE(v) * 60000 +
               PyDateTime_DATE_GET_SECOND(v) * 1000 + PyDateTime_DATE_GET_MICROSECOND(v) / 1000;
    *nanos = PyDateTime_DATE_GET_MICROSECOND(v) * 1000;
}

/* ---- reading ------------------------------------------------------------------------------- */

static int64_t get64(const mt_reader *r, uint32_t i)
{
    int64_t v;
    memcpy(&v, r->data + (size_t)i * 8, 8);
    return v;
}

static int32_t get32(const mt_reader *r, uint32_t i)
{
    int32_t v;
    memcpy(&v, r->data + (size_t)i * 4, 4);
    return v;
}

PyObject *mt_read_date(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    int y, m, d;
    if (date_of(get32(r, i), &y, &m, &d) < 0) return NULL;
    return PyDate_FromDate(y, m, d);
}

PyObject *mt_read_time(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    int32_t ms = get32(r, i);
    if (ms < 0 || ms >= 86400000) {
        PyErr_Format(PyExc_OverflowError, "%d ms is not a time of day", (int)ms);
        return NULL;
    }
    return PyTime_FromTime(ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000 * 1000);
}

PyObject *mt_read_timestamp(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    int64_t v = get64(r, i), day, us;
    if (r->type->precision <= 3) {
        day = floor_div(v, 86400000);
        us = (v - day * 86400000) * 1000;
    } else {
        if (r->type->precision > 6) v = floor_div(v, 1000);
        day = floor_div(v, US_PER_DAY);
        us = v - day * US_PER_DAY;
    }
    int y, m, d;
    if (date_of(day, &y, &m, &d) < 0) return NULL;
    int s = (int)(us / 1000000);
    return PyDateTimeAPI->DateTime_FromDateAndTime(
        y, m, d, s / 3600, s / 60 % 60, s % 60, (int)(us % 1000000),
        r->type->kind == MT_TIMESTAMP_LTZ ? PyDateTimeAPI->TimeZone_UTC : Py_None,
        PyDateTimeAPI->DateTimeType);
}

PyObject *mt_read_interval_ds(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    int64_t ms = get64(r, i), day = floor_div(ms, 86400000);
    int64_t rest = ms - day * 86400000;
    if (day < -999999999 || day > 999999999) {
        PyErr_SetString(PyExc_OverflowError, "the interval is outside of what timedelta can express");
        return NULL;
    }
    return PyDelta_FromDSU((int)day, (int)(rest / 1000), (int)(rest % 1000 * 1000));
}

/* ---- writing ------------------------------------------------------------------------------- */

int mt_write_date(mt_writer *w, PyObject *v)
{
    if (!PyDate_Check(v)) return mt_misfit(w, v, NULL);
    int32_t days = (int32_t)days_of(PyDateTime_GET_YEAR(v), PyDateTime_GET_MONTH(v),
                                    PyDateTime_GET_DAY(v));
    return mt_put(w, &days, 4);
}

int mt_write_time(mt_writer *w, PyObject *v)
{
    if (!PyTime_Check(v)) return mt_misfit(w, v, NULL);
    int32_t ms = PyDateTime_TIME_GET_HOUR(v) * 3600000 + PyDateTime_TIME_GET_MINUTE(v) * 60000 +
                 PyDateTime_TIME_GET_SECOND(v) * 1000 + PyDateTime_TIME_GET_MICROSECOND(v) / 1000;
    return mt_put(w, &ms, 4);
}

/* The offset of an aware datetime from UTC in microseconds; 0 for a naive one. */
static int utc_offset(PyObject *v, int64_t *us)
{
    *us = 0;
    PyObject *offset = PyObject_CallMethod(v, "utcoffset", NULL);
    if (offset == NULL) return -1;
    if (PyDelta_Check(offset))
        *us = PyDateTime_DELTA_GET_DAYS(offset) * US_PER_DAY +
              PyDateTime_DELTA_GET_SECONDS(offset) * INT64_C(1000000) +
              PyDateTime_DELTA_GET_MICROSECONDS(offset);
    Py_DECREF(offset);
    return 0;
}

int mt_write_timestamp(mt_writer *w, PyObject *v)
{
    if (!PyDateTime_Check(v)) return mt_misfit(w, v, NULL);
    int64_t us = days_of(PyDateTime_GET_YEAR(v), PyDateTime_GET_MONTH(v), PyDateTime_GET_DAY(v)) *
                     US_PER_DAY +
                 (PyDateTime_DATE_GET_HOUR(v) * 3600 + PyDateTime_DATE_GET_MINUTE(v) * 60 +
                  PyDateTime_DATE_GET_SECOND(v)) * INT64_C(1000000) +
                 PyDateTime_DATE_GET_MICROSECOND(v);
    if (w->type->kind == MT_TIMESTAMP_LTZ && ((PyDateTime_DateTime *)v)->hastzinfo) {
        int64_t offset;
        if (utc_offset(v, &offset) < 0) return mt_misfit(w, v, NULL);
        us -= offset;
    }
    if (w->type->precision <= 3)
        us = floor_div(us, 1000);
    else if (w->type->precision > 6 && __builtin_mul_overflow(us, INT64_C(1000), &us))
        return mt_misfit(w, v, "nanoseconds since 1970 do not fit in 64 bits");
    return mt_put(w, &us, 8);
}

int mt_write_interval_ds(mt_writer *w, PyObject *v)
{
    if (!PyDelta_Check(v)) return mt_misfit(w, v, NULL);
    int64_t ms = PyDateTime_DELTA_GET_DAYS(v) * INT64_C(86400000) +
                 PyDateTime_DELTA_GET_SECONDS(v) * INT64_C(1000) +
                 PyDateTime_DELTA_GET_MICROSECONDS(v) / 1000;
    return mt_put(w, &ms, 8);
}

/* ---- Instant: 128 bits of nanoseconds -------------------------------------------------------- */

PyObject *mt_read_instant(mt_reader *r, uint32_t i)
{
    if (!mt_valid(r, i)) Py_RETURN_NONE;
    mt_i128 v;
    memcpy(&v, r->data + (size_t)i * 16, 16);
    mt_i128 seconds = v / 1000000000, nanos = v % 1000000000;
    if (nanos < 0) {
        nanos += 1000000000;
        seconds -= 1;
    }
    if (seconds != (int64_t)seconds) {
        PyErr_SetString(PyExc_OverflowError, "the instant does not fit in 64 bits of seconds");
        return NULL;
    }
    return PyObject_CallFunction(mt_lazy.instant, "Li", (long long)seconds, (int)nanos);
}

int mt_write_instant(mt_writer *w, PyObject *v)
{
    PyObject *s = PyObject_GetAttr(v, mt_str_seconds), *n = s ? PyObject_GetAttr(v, mt_str_nanos) : NULL;
    long long seconds = n ? PyLong_AsLongLong(s) : -1, nanos = n ? PyLong_AsLongLong(n) : -1;
    Py_XDECREF(s);
    Py_XDECREF(n);
    if (PyErr_Occurred()) return mt_misfit(w, v, NULL);
    mt_i128 total = (mt_i128)seconds * 1000000000 + nanos;
    return mt_put(w, &total, 16);
}

/* What the clock says while a test holds it; INT64_MIN: it is the machine's. */
static int64_t held_clock = INT64_MIN;

int64_t mt_now_millis(void)
{
    struct timespec t;
    if (UNLIKELY(held_clock != INT64_MIN)) return held_clock;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

PyObject *mt_now(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromLongLong(mt_now_millis());
}

PyObject *mt_hold_clock(PyObject *module, PyObject *argument)
{
    (void)module;
    long long time = argument == Py_None ? INT64_MIN : PyLong_AsLongLong(argument);
    if (time == -1 && PyErr_Occurred()) return NULL;
    held_clock = time;
    Py_RETURN_NONE;
}
