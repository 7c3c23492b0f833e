package dev.ternion.data;

import dev.ternion.data.TabularSpec.Format;
import dev.ternion.fuzz.FuzzTarget;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** The readers of data files, called with damaged ones. */
public final class DataFuzz {
    private static final String ROWS = "a\tb\tlabel\nfirst\tsecond\t0\n\"q\"\tr,s\t1\n\u00e9\tz\t0\nx\ty\t1\n";
    private static final String LINES =
            "{\"a\":\"x\",\"b\":\"y\",\"label\":0}\n{\"a\":\"\\u00e9\",\"b\":1.5,\"label\":1}\n";

    private DataFuzz() {}

    /** One for each format. */
    public static List<FuzzTarget> targets() {
        List<String> table =
                List.of("\t", ",", "\n", "\r\n", "\r", "\"", "\"\"", "a", "label", "0", "1", "\ufeff", "\uffff");
        List<String> json = List.of(
                "{", "}", "[", "]", ":", ",", "\"a\":", "\"label\":", "null", "1e999", "\\ud800", "\n", "0", " ");
        return List.of(
                new Target("tsv", List.of(ROWS), table, (file, folder) -> read(Format.TSV, false, file)),
                new Target(
                        "csv", List.of(ROWS.replace('\t', ',')), table, (file, folder) -> read(Format.CSV, true, file)),
                new JsonLines(json),
                new Target("glue", List.of("sentence\tlabel\na\t0\nb\t1\n"), table, DataFuzz::glue),
                new Target("lines", List.of("one\ntwo\n\nthree\n"), table, DataFuzz::lines),
                new Gzip(table),
                new Target("dataset", List.of(manifest()), json, DataFuzz::dataset),
                new Target("rows", List.of(stored("train.jsonl")), json, DataFuzz::rows));
    }

    private static void read(Format format, boolean quoted, Path file) {
        TabularSpec spec = new TabularSpec(
                format,
                format != Format.JSONL,
                quoted,
                false,
                Column.named("a"),
                Column.named("b"),
                Column.named("label"),
                LabelRule.INFERRED,
                ReadBounds.DEFAULT);
        TabularReader.read(spec, file, EvalSplit.fraction(0.5, 1));
    }

    private static void glue(Path file, Path folder) throws IOException {
        Files.copy(file, folder.resolve("train.tsv"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.copy(file, folder.resolve("dev.tsv"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        GlueReader.read(GlueTask.named("SST-2"), folder, ReadBounds.DEFAULT);
    }

    private static void lines(Path file, Path folder) {
        Map<String, Path> files = new LinkedHashMap<>();
        files.put("one", file);
        files.put("two", file);
        PlainLinesReader.read(files, new EvalSplit.Fraction(0.5, 1), ReadBounds.DEFAULT);
    }

    private static Dataset set() {
        return Dataset.of(
                TaskInfo.classification(List.of("no", "yes")),
                List.of(new Example("a \"q\"", "b", 0, 2), new Example("\u00e9", null, 1, 3)),
                List.of(new Example("c", "d", 1, 1)),
                List.of(),
                List.of("a note"));
    }

    private static String stored(String name) {
        try {
            Path folder = Files.createTempDirectory("fuzz").resolve("set");
            DatasetFolder.write(set(), folder);
            String text = Files.readString(folder.resolve(name));
            DurableFiles.deleteFolder(folder);
            return text;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String manifest() {
        return stored("dataset.json");
    }

    private static void dataset(Path file, Path folder) throws IOException {
        Files.copy(file, folder.resolve("dataset.json"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        DatasetManifest.read(folder);
    }

    private static void rows(Path file, Path folder) throws IOException {
        Path set = folder.resolve("set");
        DatasetFolder.write(set(), set);
        Files.copy(file, set.resolve("train.jsonl"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        DatasetFolder.read(set);
    }

    private interface Reader {
        void read(Path file, Path folder) throws IOException;
    }

    private static class Target implements FuzzTarget {
        private final String name;
        private final List<String> seeds;
        private final List<String> words;
        private final Reader reader;

        Target(String name, List<String> seeds, List<String> words, Reader reader) {
            this.name = name;
            this.seeds = seeds;
            this.words = words;
            this.reader = reader;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public List<byte[]> seeds() throws Exception {
            return seeds.stream()
                    .map(seed -> seed.getBytes(StandardCharsets.UTF_8))
                    .toList();
        }

        @Override
        public List<String> words() {
            return words;
        }

        @Override
        public void parse(byte[] input, Path scratch) throws Exception {
            reader.read(Files.write(scratch.resolve("input"), input), scratch);
        }

        /** What a line takes, kept or thrown away. */
        long lineBytes() {
            return 512;
        }

        @Override
        public long memory(byte[] input) {
            long lines = 1;
            for (byte b : input) {
                lines += b == '\n' ? 1 : 0;
            }
            return FuzzTarget.super.memory(input) + lines * lineBytes();
        }

        /** Tables are refused with all their bad rows; a folder that an import wrote, with what is wrong in it. */
        @Override
        public boolean isDocumented(Throwable thrown) {
            boolean folder = name.equals("dataset") || name.equals("rows");
            return thrown instanceof DatasetException || folder && thrown instanceof IOException;
        }
    }

    /** Each line is parsed alone, which takes memory for the parser and for what is wrong with it, thrown away after it. */
    private static final class JsonLines extends Target {
        private static final long LINE_BYTES = 4 << 10;

        JsonLines(List<String> words) {
            super("jsonl", List.of(LINES), words, (file, folder) -> DataFuzz.read(Format.JSONL, false, file));
        }

        @Override
        long lineBytes() {
            return LINE_BYTES;
        }
    }

    /** Its text may be a hundred times as long, and takes memory for each byte of it. */
    private static final class Gzip extends Target {
        private static final int TEXT_BYTES = 4;

        Gzip(List<String> words) {
            super("gzip", List.of(), words, (file, folder) -> {});
        }

        @Override
        public List<byte[]> seeds() throws Exception {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
                out.write(ROWS.getBytes(StandardCharsets.UTF_8));
            }
            return List.of(bytes.toByteArray());
        }

        @Override
        public void parse(byte[] input, Path scratch) throws Exception {
            read(Format.TSV, false, Files.write(scratch.resolve("input.tsv.gz"), input));
        }

        @Override
        public long memory(byte[] input) {
            byte[] text = text(input, (1 << 20) + 100 * input.length);
            return super.memory(text) + TEXT_BYTES * (long) text.length;
        }

        /** As much of the text as can be read, and may be. */
        private static byte[] text(byte[] input, int most) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            byte[] chunk = new byte[1 << 16];
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(input))) {
                for (int n = in.read(chunk); n >= 0 && text.size() < most; n = in.read(chunk)) {
                    text.write(chunk, 0, n);
                }
            } catch (IOException e) {
                return text.toByteArray();
            }
            return text.toByteArray();
        }
    }
}
