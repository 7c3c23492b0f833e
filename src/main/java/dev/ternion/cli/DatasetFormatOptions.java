package dev.ternion.cli;

import dev.ternion.api.v1.DatasetFormat;
import dev.ternion.api.v1.GlueFormat;
import dev.ternion.api.v1.PlainLinesFormat;
import dev.ternion.api.v1.TabularFormat;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options that say how the files of a data set are written. */
final class DatasetFormatOptions {
    /** How fields and rows are told apart. */
    enum Layout {
        TSV,
        CSV,
        JSONL
    }

    @Option(names = "--glue", paramLabel = "TASK", description = "CoLA, SST-2, MRPC, RTE, STS-B or QNLI.")
    private String glue;

    @Option(names = "--text", paramLabel = "COLUMN", description = "Column of the text: its name, or #0, #1, ...")
    private String text;

    @Option(names = "--text-b", paramLabel = "COLUMN", defaultValue = "", description = "Column of a second text.")
    private String textB;

    @Option(names = "--label", paramLabel = "COLUMN", description = "Column of the label.")
    private String label;

    @Option(names = "--layout", paramLabel = "tsv|csv|jsonl", description = "Default: from the file's name.")
    private Layout layout;

    @Option(names = "--quoted", arity = "1", paramLabel = "true|false", description = "Default: true for CSV only.")
    private Boolean quoted;

    @Option(
            names = "--header",
            arity = "1",
            paramLabel = "true|false",
            description = "Whether the first row names the columns. Default: when a column is given by name.")
    private Boolean header;

    @Option(names = "--classes", split = ",", paramLabel = "NAME", description = "Class names in order.")
    private List<String> classes = List.of();

    @Option(names = "--min-label", paramLabel = "X", description = "Regression: least label; with --max-label.")
    private Double minLabel;

    @Option(names = "--max-label", paramLabel = "X", description = "Regression: greatest label.")
    private Double maxLabel;

    @Option(names = "--class", paramLabel = "LABEL=FILE", description = "File of a class, one text a line.")
    private Map<String, Path> classFiles = new LinkedHashMap<>();

    @Option(names = "--eval-share", paramLabel = "X", description = "Share of rows held back. Default 0.2.")
    private Double evalShare;

    @Option(names = "--eval-seed", paramLabel = "N", description = "Seed of that choice. Default 42.")
    private Long evalSeed;

    /** Files and folders to upload. */
    List<Path> localFiles(List<Path> paths) {
        return classFiles.isEmpty() ? paths : List.copyOf(classFiles.values());
    }

    /**
     * The message.
     *
     * @param paths as typed
     * @param onServer whether the files are on the server, their paths relative to its folder
     */
    DatasetFormat toProto(List<Path> paths, boolean onServer) {
        int layouts = (glue == null ? 0 : 1) + (text == null && label == null ? 0 : 1) + (classFiles.isEmpty() ? 0 : 1);
        if (layouts != 1) {
            throw usage("give one of --glue TASK, --text COLUMN with --label COLUMN, or --class LABEL=FILE");
        }
        DatasetFormat.Builder format = DatasetFormat.newBuilder();
        if (evalShare != null) {
            format.setEvalShare(evalShare);
        }
        if (evalSeed != null) {
            format.setEvalSeed(evalSeed);
        }
        if (glue != null) {
            if (paths.size() != (onServer ? 0 : 1)) {
                throw usage("--glue takes one PATH, the task's folder (with --server-path: none)");
            }
            return format.setGlue(GlueFormat.newBuilder().setTask(glue)).build();
        }
        return classFiles.isEmpty()
                ? format.setTabular(tabular(paths, onServer)).build()
                : format.setPlainLines(plainLines(paths, onServer)).build();
    }

    private TabularFormat tabular(List<Path> paths, boolean onServer) {
        if (text == null || label == null || paths.isEmpty() || paths.size() > 2) {
            throw usage("a table takes --text, --label, one PATH to train on and at most one to evaluate on");
        }
        TabularFormat.Builder table = TabularFormat.newBuilder()
                .setTrainFile(name(paths.get(0), onServer))
                .setEvalFile(paths.size() > 1 ? name(paths.get(1), onServer) : "")
                .setTextA(text)
                .setTextB(textB)
                .setLabel(label)
                .addAllClasses(classes);
        if (layout != null) {
            table.setLayout(TabularFormat.Layout.valueOf("LAYOUT_" + layout));
        }
        if (quoted != null) {
            table.setQuoted(quoted);
        }
        if (header != null) {
            table.setHeader(header);
        }
        if (minLabel != null) {
            table.setMinLabel(minLabel);
        }
        if (maxLabel != null) {
            table.setMaxLabel(maxLabel);
        }
        return table.build();
    }

    private PlainLinesFormat plainLines(List<Path> paths, boolean onServer) {
        if (!paths.isEmpty()) {
            throw usage("with --class LABEL=FILE there is no further PATH");
        }
        PlainLinesFormat.Builder lines = PlainLinesFormat.newBuilder();
        classFiles.forEach((name, file) -> lines.addClasses(
                PlainLinesFormat.ClassFile.newBuilder().setLabel(name).setFile(name(file, onServer))));
        return lines.build();
    }

    private static String name(Path file, boolean onServer) {
        return onServer ? file.toString() : String.valueOf(file.getFileName());
    }

    private static CliException usage(String message) {
        return new CliException(ExitCode.USAGE, message + "; see bin/ternion datasets import --help");
    }
}
