package dev.ternion;

import dev.ternion.api.v1.DatasetFormat;
import dev.ternion.api.v1.PlainLinesFormat.ClassFile;
import dev.ternion.api.v1.TabularFormat;
import dev.ternion.data.Column;
import dev.ternion.data.Dataset;
import dev.ternion.data.EvalSplit;
import dev.ternion.data.GlueReader;
import dev.ternion.data.GlueTask;
import dev.ternion.data.LabelRule;
import dev.ternion.data.PlainLinesReader;
import dev.ternion.data.ReadBounds;
import dev.ternion.data.TabularReader;
import dev.ternion.data.TabularSpec;
import dev.ternion.server.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the files of an import as its format says. */
final class DatasetFormats {
    private static final double EVAL_SHARE = 0.2;
    private static final long EVAL_SEED = 42;

    private DatasetFormats() {}

    static Dataset read(DatasetFormat format, Path folder) throws IOException {
        try {
            return dataset(format, folder);
        } catch (IllegalArgumentException e) {
            throw Refusal.invalid("REQUEST_INVALID", "format", "contradicts itself: " + e.getMessage());
        }
    }

    private static Dataset dataset(DatasetFormat format, Path folder) throws IOException {
        return switch (format.getLayoutCase()) {
            case GLUE -> GlueReader.read(glueTask(format.getGlue().getTask()), folder, ReadBounds.DEFAULT);
            case TABULAR -> tabular(format, folder);
            case PLAIN_LINES -> plainLines(format, folder);
            case LAYOUT_NOT_SET ->
                throw Refusal.invalid("REQUEST_INVALID", "format", "is empty: set one of glue, tabular, plain_lines");
        };
    }

    private static GlueTask glueTask(String name) {
        try {
            return GlueTask.named(name);
        } catch (IllegalArgumentException e) {
            throw Refusal.invalid("REQUEST_INVALID", "format.glue.task", e.getMessage());
        }
    }

    private static Dataset plainLines(DatasetFormat format, Path folder) throws IOException {
        Map<String, Path> files = new LinkedHashMap<>();
        for (ClassFile file : format.getPlainLines().getClassesList()) {
            files.put(file.getLabel(), folder.resolve(file.getFile()));
        }
        return PlainLinesReader.read(files, fraction(format), ReadBounds.DEFAULT);
    }

    private static EvalSplit.Fraction fraction(DatasetFormat format) {
        return new EvalSplit.Fraction(
                format.hasEvalShare() ? format.getEvalShare() : EVAL_SHARE,
                format.hasEvalSeed() ? format.getEvalSeed() : EVAL_SEED);
    }

    private static Dataset tabular(DatasetFormat format, Path folder) throws IOException {
        TabularFormat table = format.getTabular();
        boolean byName = !(table.getTextA() + table.getTextB() + table.getLabel()).contains("#");
        TabularSpec spec = TabularSpec.of(
                        layout(table),
                        column(table.getTextA()),
                        table.getTextB().isEmpty() ? null : column(table.getTextB()),
                        column(table.getLabel()))
                .withHeader(table.hasHeader() ? table.getHeader() : byName)
                .withLabels(labels(table));
        if (table.hasQuoted()) {
            spec = spec.withQuotes(table.getQuoted());
        }
        EvalSplit split = table.getEvalFile().isEmpty()
                ? fraction(format)
                : new EvalSplit.File(folder.resolve(table.getEvalFile()));
        return TabularReader.read(spec, folder.resolve(table.getTrainFile()), split);
    }

    private static TabularSpec.Format layout(TabularFormat table) {
        String name = table.getTrainFile().replaceAll("\\.gz$", "");
        return switch (table.getLayout()) {
            case LAYOUT_TSV -> TabularSpec.Format.TSV;
            case LAYOUT_CSV -> TabularSpec.Format.CSV;
            case LAYOUT_JSONL -> TabularSpec.Format.JSONL;
            default -> {
                if (name.endsWith(".tsv")) {
                    yield TabularSpec.Format.TSV;
                }
                if (name.endsWith(".csv")) {
                    yield TabularSpec.Format.CSV;
                }
                if (name.endsWith(".jsonl")) {
                    yield TabularSpec.Format.JSONL;
                }
                throw Refusal.invalid(
                        "REQUEST_INVALID",
                        "format.tabular.layout",
                        "is not set and " + table.getTrainFile() + " does not end in .tsv, .csv or .jsonl: set it");
            }
        };
    }

    private static Column column(String text) {
        return text.startsWith("#") ? Column.at(Integer.parseInt(text.substring(1))) : Column.named(text);
    }

    private static LabelRule labels(TabularFormat table) {
        if (table.hasMinLabel()) {
            return LabelRule.range((float) table.getMinLabel(), (float) table.getMaxLabel());
        }
        return table.getClassesCount() == 0 ? LabelRule.INFERRED : LabelRule.classes(table.getClassesList());
    }
}
