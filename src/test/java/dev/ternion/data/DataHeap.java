package dev.ternion.data;

import dev.ternion.data.TabularSpec.Format;
import dev.ternion.fuzz.HeapCase;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

/** The readers of data files, with files that need much heap for their size. */
public final class DataHeap {
    private static final int MOST_ROWS = ReadBounds.DEFAULT.maxRows();

    /** Where the rows end up as those of TSV do. */
    private static final int FEWER_ROWS = 2_000_000;

    private static final int LONGEST_LINE = 20 * 100_000 + (1 << 16);

    /** What the tokenizer library takes for itself, in bytes. */
    private static final long LIBRARY_BYTES = 5 << 20;

    private DataHeap() {}

    /** One for each format, and for each way to make it large. */
    public static List<HeapCase> cases() {
        return List.of(
                HeapCase.of(
                        "tsv",
                        rows("t.tsv", MOST_ROWS, "a\t0\n", "b\t1\n"),
                        folder -> table(Format.TSV, folder, "t.tsv")),
                HeapCase.of(
                        "csv",
                        rows("t.csv", FEWER_ROWS, "a,0\n", "b,1\n"),
                        folder -> table(Format.CSV, folder, "t.csv")),
                new Gzip(),
                HeapCase.of("jsonl", DataHeap::jsonLines, DataHeap::readJsonLines),
                HeapCase.of("jsonl-line", DataHeap::longLine, folder -> refused(() -> readJsonLines(folder))),
                HeapCase.of(
                        "tsv-line", DataHeap::longFields, folder -> refused(() -> table(Format.TSV, folder, "t.tsv"))),
                HeapCase.of(
                        "csv-record",
                        DataHeap::longRecord,
                        folder -> refused(() -> table(Format.CSV, folder, "t.csv"))),
                HeapCase.of("lines", DataHeap::lines, DataHeap::readLines),
                HeapCase.of("stored", folder -> stored(folder, 100_000), DatasetFolder::read),
                HeapCase.of("dataset", DataHeap::facts, folder -> refused(() -> DatasetManifest.read(folder))),
                HeapCase.of(
                        "tokenizer",
                        LIBRARY_BYTES,
                        DataHeap::tokenizer,
                        folder -> BertTokenizer.open(folder.resolve("tokenizer.json"), SharedData.CACHE)),
                HeapCase.of(
                        "vocabulary",
                        LIBRARY_BYTES,
                        DataHeap::vocabulary,
                        folder -> BertTokenizer.open(folder.resolve("vocab.txt"), SharedData.CACHE)));
    }

    private interface Call {
        Object call() throws Exception;
    }

    /** The answer to what is too much, which comes after it was read. */
    private static Object refused(Call call) throws Exception {
        try {
            return call.call();
        } catch (IOException | DatasetException e) {
            return e;
        }
    }

    /** Rows of two kinds by turns. */
    private static HeapCase.Writer rows(String name, int rows, String even, String odd) {
        return folder -> {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(folder.resolve(name)))) {
                write(out, even + odd, rows / 2);
            }
        };
    }

    private static void write(OutputStream out, String text, int times) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < times; i++) {
            out.write(bytes);
        }
    }

    /** The text is read twice, as a pair. */
    private static Object table(Format format, Path folder, String name) throws Exception {
        TabularSpec spec = TabularSpec.of(format, Column.at(0), Column.at(0), Column.at(1));
        return TabularReader.read(spec, folder.resolve(name), EvalSplit.fraction(0.2, 42));
    }

    private static Object readJsonLines(Path folder) {
        TabularSpec spec = TabularSpec.of(Format.JSONL, Column.named("a"), null, Column.named("b"));
        return TabularReader.read(spec, folder.resolve("t.jsonl"), EvalSplit.fraction(0.2, 42));
    }

    private static void jsonLines(Path folder) throws Exception {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(folder.resolve("t.jsonl")))) {
            write(out, "{\"a\":1,\"b\":0}\n{\"a\":1,\"b\":1}\n", 500_000);
        }
    }

    /** A text in escapes, which is decoded before it is found too long. */
    private static void longLine(Path folder) throws Exception {
        String text = "\u4e00" + "\\n".repeat(LONGEST_LINE / 2 - 20);
        String line = "{\"a\":\"" + text + "\",\"b\":0}\n{\"a\":\"x\",\"b\":1}\n";
        Files.writeString(folder.resolve("t.jsonl"), line);
    }

    private static void longFields(Path folder) throws Exception {
        String text = "\u4e00" + "x".repeat(LONGEST_LINE - 20);
        Files.writeString(folder.resolve("t.tsv"), (text + "\t0\nx\t1\n").repeat(2));
    }

    private static void longRecord(Path folder) throws Exception {
        String text = "\u4e00" + "\"\"".repeat(LONGEST_LINE / 2 - 20);
        Files.writeString(folder.resolve("t.csv"), ("\"" + text + "\",0\nx,1\n").repeat(2));
    }

    private static void lines(Path folder) throws Exception {
        rows("one.txt", MOST_ROWS, "a\n", "b\n").write(folder);
        rows("two.txt", MOST_ROWS, "c\n", "d\n").write(folder);
    }

    private static Object readLines(Path folder) {
        Map<String, Path> files = new LinkedHashMap<>();
        files.put("one", folder.resolve("one.txt"));
        files.put("two", folder.resolve("two.txt"));
        return PlainLinesReader.read(files, new EvalSplit.Fraction(0.2, 42), ReadBounds.DEFAULT);
    }

    private static void stored(Path folder, int rows) throws IOException {
        PackedExamples examples = new PackedExamples();
        for (int i = 0; i < rows; i++) {
            examples.append(new Example("a", null, i % 2, i));
        }
        Files.delete(folder);
        TaskInfo task = TaskInfo.classification(List.of("0", "1"));
        DatasetFolder.write(Dataset.of(task, examples.complete(), List.of(), List.of(), List.of()), folder);
    }

    /** Long notes of two bytes a character, and as many objects as may be. */
    private static void facts(Path folder) throws Exception {
        stored(folder, 1);
        Path file = folder.resolve("dataset.json");
        String objects = "\"objects\" : [ {}" + ",{\"\u4e00\":\"\u4e00\"}".repeat(24_950) + " ], ";
        String notes = "\"notes\" : [ " + ("\"\u4e00" + "x".repeat(255_000) + "\",").repeat(64) + "\"\"";
        Files.writeString(file, Files.readString(file).replace("\"notes\" : [ ", objects + notes));
    }

    /** Of as many bytes as may be: the library that reads it needs five for each. */
    private static void tokenizer(Path folder) throws Exception {
        byte[] words = words(199_990, ".......").getBytes(StandardCharsets.UTF_8);
        try (var json = TokenizerJson.uncased(new Vocabulary(words)).drain()) {
            Files.copy(json, folder.resolve("tokenizer.json"));
        }
    }

    private static void vocabulary(Path folder) throws Exception {
        Files.writeString(folder.resolve("vocab.txt"), words(199_990, "......"));
    }

    private static String words(int count, String end) {
        StringBuilder words = new StringBuilder("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n\u4e00\n");
        for (int i = 0; i < count; i++) {
            words.append(Integer.toString(i, 36)).append(end).append("\n");
        }
        return words.toString();
    }

    /** What it holds is its text, which may be a hundred times as long: that is what counts. */
    private static final class Gzip implements HeapCase {
        @Override
        public String name() {
            return "gzip";
        }

        @Override
        public void write(Path folder) throws Exception {
            SplittableRandom random = new SplittableRandom(1);
            OutputStream file = Files.newOutputStream(folder.resolve("t.tsv.gz"));
            try (OutputStream out = new BufferedOutputStream(new GZIPOutputStream(file))) {
                out.write("a\t0\nb\t1\n".getBytes(StandardCharsets.UTF_8));
                for (int i = 2; i < FEWER_ROWS; i++) {
                    out.write(new byte[] {(byte) ('a' + random.nextInt(26)), '\t', (byte) ('0' + i % 2), '\n'});
                }
            }
        }

        @Override
        public Object parse(Path folder) throws Exception {
            return table(Format.TSV, folder, "t.tsv.gz");
        }

        @Override
        public long size(Path folder) {
            return 4L * FEWER_ROWS;
        }
    }
}
