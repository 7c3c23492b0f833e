package dev.ternion.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The numbers of {@code src/docs/LIMITS.md}. */
class LimitsTest {
    private static final Pattern NUMBER = Pattern.compile("([0-9,]+)( MiB| GiB)?( - 1)?");

    @Test
    void numbers_areThoseOfTheCode() throws Exception {
        List<List<String>> rows = Repository.table(Repository.between(Repository.read("src/docs/LIMITS.md"), "limits"));
        assertThat(rows).hasSizeGreaterThan(30);
        for (List<String> row : rows) {
            assertThat(number(row.get(1))).as(row.get(0)).isEqualTo(constant(row.get(2)));
        }
    }

    private static long number(String text) {
        Matcher found = NUMBER.matcher(text);
        assertThat(found.matches()).as(text).isTrue();
        long value = Long.parseLong(found.group(1).replace(",", ""));
        if (found.group(2) != null) {
            value <<= found.group(2).equals(" MiB") ? 20 : 30;
        }
        return found.group(3) == null ? value : value - 1;
    }

    private static long constant(String name) throws Exception {
        String path = name.replace("`", "");
        int dot = path.lastIndexOf('.');
        Field field = Class.forName("dev.ternion." + path.substring(0, dot)).getDeclaredField(path.substring(dot + 1));
        field.setAccessible(true);
        return ((Number) field.get(null)).longValue();
    }
}
