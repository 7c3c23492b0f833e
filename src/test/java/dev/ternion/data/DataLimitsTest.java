package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.ternion.data.TabularSpec.Format;
import dev.ternion.fuzz.FuzzTarget;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that ask for more than {@code src/docs/LIMITS.md} grants, each just beyond a limit. */
class DataLimitsTest {
    @TempDir
    Path folder;

    private static void assertRefused(ThrowingCallable read, String message) {
        assertThatThrownBy(read).isInstanceOf(DatasetException.class).hasMessageContaining(message);
    }

    private Dataset read(Format format, String text) throws Exception {
        Path file = folder.resolve("t." + format.name().toLowerCase(Locale.ROOT));
        return read(format, Files.writeString(file, text));
    }

    private static Dataset read(Format format, Path file) {
        TabularSpec spec = TabularSpec.of(format, Column.named("a"), null, Column.named("label"));
        return TabularReader.read(spec, file, EvalSplit.fraction(0.5, 1));
    }

    private static String line(String more) {
        return "{\"a\":\"x\",\"label\":\"0\",\"b\":" + more + "}\n{\"a\":\"y\",\"label\":\"1\"}\n";
    }

    @Test
    void jsonLines_depthAndSize() {
        assertThatCode(() -> read(Format.JSONL, line("[".repeat(63) + "]".repeat(63))))
                .doesNotThrowAnyException();
        assertRefused(
                () -> read(Format.JSONL, line("[".repeat(64) + "]".repeat(64))),
                "is not JSON: Document nesting depth (65)");
        assertThatCode(() -> read(Format.JSONL, line("[0" + ",0".repeat(19_900) + "]")))
                .doesNotThrowAnyException();
        assertRefused(() -> read(Format.JSONL, line("[0" + ",0".repeat(20_000) + "]")), "is not JSON: Token count");
    }

    @Test
    void tables_columns() {
        for (Format format : new Format[] {Format.TSV, Format.CSV}) {
            String separator = format == Format.TSV ? "\t" : ",";
            String rows = "\nx" + separator + "0\ny" + separator + "1\n";
            String head = "a" + separator + "label";
            assertThatCode(() -> read(format, head + rows)).doesNotThrowAnyException();
            assertThatThrownBy(() -> read(format, head + (separator + "c").repeat(1023) + rows))
                    .isInstanceOf(DatasetException.class)
                    .message()
                    .containsAnyOf("has more than 1024 columns", "surpassed the maximum limit of 1024 fields");
        }
    }

    /** Found by FuzzIT: a header was put into words as a whole, once for each column that it lacks, before that was cut. */
    @Test
    void tables_longHeaderInAMessage() throws Exception {
        String name = "\u4e00" + "x".repeat(95_000);
        Path file = Files.writeString(folder.resolve("t.tsv"), (name + "\t").repeat(10) + "y\n1\n");
        TabularSpec spec = TabularSpec.of(Format.TSV, Column.named("a"), Column.named("b"), Column.named("label"));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertRefused(
                () -> TabularReader.read(spec, file, EvalSplit.fraction(0.5, 1)), "is not in the header, which has [");
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .isLessThan(FuzzTarget.FREE_BYTES + 2 * Files.size(file));
    }

    /** The parser keeps a whole record; one quote that is never closed makes the rest of the file one. */
    @Test
    void tables_quotedRecord() throws Exception {
        String most = "x".repeat(20 * 100_000 + (1 << 16));
        assertRefused(() -> read(Format.CSV, "a,label\n\"" + most + "\",0\n"), "is not readable as quoted CSV");
    }

    @Test
    void labels_lengthAndNumber() {
        String rows = "a\tlabel\nx\t0\ny\t";
        assertThatCode(() -> read(Format.TSV, rows + "l".repeat(1000))).doesNotThrowAnyException();
        assertRefused(() -> read(Format.TSV, rows + "l".repeat(1001)), "has a class of 1001 characters");
        StringBuilder many = new StringBuilder(rows);
        for (int i = 0; i < 1001; i++) {
            many.append(i).append("\ny\t");
        }
        assertRefused(() -> read(Format.TSV, many + "x"), "has more than 1000 distinct labels");
    }

    @Test
    void gzip_ratio() throws Exception {
        Path file = folder.resolve("t.tsv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("a\tlabel\n".getBytes());
            out.write(new byte[4 << 20]);
        }
        assertThat(Files.size(file)).isLessThan(10_000);
        assertRefused(() -> read(Format.TSV, file), "100 times the compressed file");
    }

    @Test
    void manifest_size() throws Exception {
        Files.writeString(folder.resolve("dataset.json"), " ".repeat((16 << 20) + 1));
        assertThatThrownBy(() -> DatasetManifest.read(folder))
                .hasMessageContaining("16777217 bytes, wanted at most 16777216");
        Files.writeString(folder.resolve("dataset.json"), "{\"a\":\"" + "x".repeat((1 << 18) + 1) + "\"}");
        assertThatThrownBy(() -> DatasetManifest.read(folder)).hasMessageContaining("maximum allowed (262144");
        Files.writeString(folder.resolve("dataset.json"), "[".repeat(65));
        assertThatThrownBy(() -> DatasetManifest.read(folder)).hasMessageContaining("nesting depth (65)");
    }

    @Test
    void messagesDoNotRepeatAWholeHeader() {
        assertThatThrownBy(() -> read(Format.TSV, "c\t" + "x".repeat(90_000) + "\n"))
                .isInstanceOf(DatasetException.class)
                .message()
                .hasSizeLessThan(900);
    }
}
