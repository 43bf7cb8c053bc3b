import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.java.tuple.Tuple0;
import org.apache.flink.api.java.tuple.Tuple1;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.types.Row;

/**
 * What Flink makes of keys, for KeyGroupTests. Run generate.sh to write keys.tsv anew.
 *
 * <p>A line is: id, key group of the key in a Row at a maximum parallelism of 128 and of 100,
 * hashCode of the Row, hashCode of the value itself (- where Java's depends on the address).
 */
public class KeyGolden {
    public static void main(String[] args) {
        Map<String, Object> cases = new LinkedHashMap<>();
        cases.put("null", null);
        cases.put("true", true);
        cases.put("false", false);
        cases.put("byte", (byte) -3);
        cases.put("short", (short) -300);
        cases.put("int", -123456);
        cases.put("int max", Integer.MAX_VALUE);
        cases.put("long", -1234567890123L);
        cases.put("long small", 42L);
        cases.put("float", 1.5f);
        cases.put("float nan", Float.NaN);
        cases.put("float -0", -0.0f);
        cases.put("double", 3.14159);
        cases.put("double nan", Double.NaN);
        cases.put("double -0", -0.0);
        cases.put("char", 'x');
        cases.put("string empty", "");
        cases.put("string", "hello");
        cases.put("string long", "the quick brown fox jumps over the lazy dog, twice");
        cases.put("string unicode", "0123456789é漢字😀 and more ascii after it");
        cases.put("bytes", new byte[] {1, -2, 3});
        cases.put("bytes empty", new byte[0]);
        cases.put("big integer", new BigInteger("-123456789012345678901234567890"));
        cases.put("big integer small", new BigInteger("7"));
        cases.put("big integer 0", BigInteger.ZERO);
        cases.put("big integer 2^32", BigInteger.ONE.shiftLeft(32));
        cases.put("big decimal", new BigDecimal("-12345678901234567890.0123456789"));
        cases.put("big decimal small", new BigDecimal("1.50"));
        cases.put("decimal", new BigDecimal("123456789012345678.25"));
        cases.put("decimal negative", new BigDecimal("-0.01"));
        cases.put("decimal wide", new BigDecimal("99999999999999999999999999999999999999"));
        cases.put("date", java.sql.Date.valueOf("2024-02-29"));
        cases.put("date old", java.sql.Date.valueOf("1969-12-31"));
        cases.put("time", new java.sql.Time(45296789));
        cases.put("timestamp", java.sql.Timestamp.valueOf("2024-02-29 12:34:56.789"));
        cases.put("timestamp us", java.sql.Timestamp.valueOf("1960-02-29 12:34:56.789123"));
        cases.put("instant", Instant.parse("2024-02-29T12:34:56.789123456Z"));
        cases.put("instant old", Instant.parse("1900-02-28T12:34:56.000000001Z"));
        cases.put("instant far", Instant.MAX);
        cases.put("period", Period.of(-3, -2, 0));
        cases.put("duration", Duration.ofMillis(-1234567));
        cases.put("list", Arrays.asList(1, null, 3));
        cases.put("list of lists", Arrays.asList(Arrays.asList("a"), Arrays.asList()));
        cases.put("object array", new Integer[] {1, null, 3});
        cases.put("string array", new String[] {"a", "bc"});
        cases.put("primitive array", new int[] {1, 2, 3});
        cases.put("double array", new double[] {1.5, 2.5});
        Map<Object, Object> map = new HashMap<>();
        map.put("a", 1L);
        map.put("b", null);
        cases.put("map", map);
        cases.put("row", Row.of(1, "a", null));
        cases.put("row of row", Row.of(Row.of(1L), Arrays.asList(2L)));
        cases.put("row empty", Row.of());
        cases.put("tuple", Tuple2.of("a", 7));
        cases.put("tuple of tuple", Tuple2.of(Tuple1.of(1.5), false));
        cases.put("tuple empty", Tuple0.INSTANCE);
        cases.put("row of tuple", Row.of(Tuple2.of("a", 7)));
        for (var entry : cases.entrySet()) {
            Object value = entry.getValue();
            Row key = Row.of(new Object[] {value});
            boolean hasAddress = value != null && value.getClass().isArray();
            System.out.println(
                    entry.getKey()
                            + "\t" + KeyGroupRangeAssignment.assignToKeyGroup(key, 128)
                            + "\t" + KeyGroupRangeAssignment.assignToKeyGroup(key, 100)
                            + "\t" + key.hashCode()
                            + "\t" + (hasAddress ? "-" : value == null ? "0" : "" + value.hashCode()));
        }
        for (int parallelism : new int[] {1, 2, 85, 86, 100, 171, 1000, 21846, 32768}) {
            System.out.println(
                    "default max\t" + parallelism + "\t"
                            + KeyGroupRangeAssignment.computeDefaultMaxParallelism(parallelism));
        }
        for (int[] at : new int[][] {{128, 1, 0}, {128, 3, 0}, {128, 3, 2}, {100, 7, 3}, {5, 5, 4}}) {
            KeyGroupRange range =
                    KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(at[0], at[1], at[2]);
            System.out.println(
                    "range\t" + at[0] + "\t" + at[1] + "\t" + at[2] + "\t"
                            + range.getStartKeyGroup() + "\t" + range.getEndKeyGroup());
        }
    }
}
