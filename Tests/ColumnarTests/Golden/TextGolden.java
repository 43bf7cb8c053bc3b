import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.Random;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.schubfach.DoubleToDecimal;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.schubfach.FloatToDecimal;

/**
 * What Java prints, for TextTests. Run generate.sh to write text.tsv anew.
 *
 * <p>A line is: kind, the value as it lies in a column, its text. Floating-point numbers are those
 * of JDK 19 and later, whose algorithm Jackson (and so Flink) carries along.
 */
public class TextGolden {
    static void line(String kind, Object value, Object text) {
        System.out.println(kind + "\t" + value + "\t" + text);
    }

    static void number(double value) {
        line("double", Long.toUnsignedString(Double.doubleToRawLongBits(value)), DoubleToDecimal.toString(value));
    }

    static void number(float value) {
        line("float", Integer.toUnsignedString(Float.floatToRawIntBits(value)), FloatToDecimal.toString(value));
    }

    public static void main(String[] args) {
        Random random = new Random(1);
        double[] doubles = {
            0.0, -0.0, 1, -1, 0.1, 1e-3, 9.999e-4, 1e7, 9999999.999, 1e23, 2e23, 123456789, 1e16, 1e22,
            Double.MIN_VALUE, 2 * Double.MIN_VALUE, 3 * Double.MIN_VALUE, 20 * Double.MIN_VALUE,
            Double.MIN_NORMAL, Double.MAX_VALUE, Double.NaN, Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY, 2.0E-3, 9007199254740993.0, 4.35, 100, 1.5e300, 8.41E21, 2.2E-322
        };
        for (double value : doubles) number(value);
        for (int i = 0; i < 1500; i++) number(Double.longBitsToDouble(random.nextLong()));
        for (int i = 0; i < 500; i++) number(random.nextInt(1000000) / 100.0);
        for (int i = -324; i <= 308; i += 7) number(Double.parseDouble("1e" + i));
        float[] floats = {
            0f, -0f, 1, 1.1f, 3.4028235e38f, Float.MIN_VALUE, 3 * Float.MIN_VALUE, 9 * Float.MIN_VALUE,
            Float.MIN_NORMAL, 1e7f, 1.2345678e7f, 1e-3f, Float.NaN, 16777216f, 33554432f, 8.5e9f
        };
        for (float value : floats) number(value);
        for (int i = 0; i < 1000; i++) number(Float.intBitsToFloat(random.nextInt()));
        for (String text : new String[] {
            "0", "-1", "1.50", "0.000001", "0.0000001", "0.00000012", "-0.00000000012", "0.000000000",
            "12345678901234567890123456789.123456789", "0.10", "100", "-0.5", "99999999999999999999999999999999999999"
        }) {
            line("plain", text, new BigDecimal(text));
            line("decimal " + new BigDecimal(text).scale(), new BigDecimal(text).unscaledValue(), new BigDecimal(text));
        }
        long[] days = {0, 1, -1, 18262, 11016, -141427, -141428, -719162, -719100, 2932896, -200000, 60000};
        for (long day : days) {
            line("date", day, new java.sql.Date(day * 86400000));
            line("local date", day, LocalDate.ofEpochDay(day));
        }
        line("local date", 2932897, LocalDate.ofEpochDay(2932897));
        line("local date", -800000, LocalDate.ofEpochDay(-800000));
        long[] millis = {
            0, 1, -1, 999, 1577934245120L, 1577934245000L, 1577934240000L, -12219292800000L, -12219292800001L,
            -60000000000000L, 253402300799999L, 1577934245123L
        };
        for (long ms : millis) {
            line("timestamp 3", ms, new java.sql.Timestamp(ms));
            line("local timestamp 3", ms, LocalDateTime.ofInstant(Instant.ofEpochMilli(ms), ZoneOffset.UTC));
            line("instant 3", ms, Instant.ofEpochMilli(ms));
        }
        long[] nanos = {0, 1, -1, 1577934245120000000L, 1577934245000001000L, -1577934245000000001L};
        for (long ns : nanos) {
            Instant instant = Instant.ofEpochSecond(0, ns);
            line("timestamp 9", ns, java.sql.Timestamp.valueOf(LocalDateTime.ofInstant(instant, ZoneOffset.UTC)));
            line("local timestamp 9", ns, LocalDateTime.ofInstant(instant, ZoneOffset.UTC));
            line("instant 9", ns, instant);
        }
        line("instant", "31556889864403199999999999", Instant.MAX);
        line("instant", "-31557014167219200000000000", Instant.MIN);
        line("instant", "-62167219200000000001", Instant.parse("-0001-12-31T23:59:59.999999999Z"));
        line("instant", "253402300800000000000", Instant.ofEpochSecond(253402300800L));
        for (int ms : new int[] {0, 1, 60000, 61000, 45296789, 86399999, 3600100}) {
            line("time", ms, new java.sql.Time(ms));
            line("local time", ms, LocalTime.ofNanoOfDay(ms * 1000000L));
        }
        for (long ms : new long[] {0, 1, -1, 1000, -1000, 1500, -1500, 60000, 3600000, 90061001, -90061001, -3600500,
            Long.MAX_VALUE, Long.MIN_VALUE}) {
            line("duration", ms, Duration.ofMillis(ms));
        }
        for (int months : new int[] {0, 1, 12, 13, -1, -13, 25}) {
            line("period", months, Period.of(months / 12, months % 12, 0));
        }
    }
}
