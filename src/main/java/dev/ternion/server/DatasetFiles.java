package dev.ternion.server;

import dev.ternion.api.Violation;
import dev.ternion.api.v1.DatasetFormat;
import dev.ternion.api.v1.PlainLinesFormat.ClassFile;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Checks that the files a format names are there and do not leave the folder. */
final class DatasetFiles {
    private DatasetFiles() {}

    static void requireInside(DatasetFormat format, Path folder) throws IOException {
        List<Violation> violations = new ArrayList<>();
        switch (format.getLayoutCase()) {
            case TABULAR -> {
                check("tabular.train_file", format.getTabular().getTrainFile(), folder, violations);
                if (!format.getTabular().getEvalFile().isEmpty()) {
                    check("tabular.eval_file", format.getTabular().getEvalFile(), folder, violations);
                }
            }
            case PLAIN_LINES -> {
                List<ClassFile> classes = format.getPlainLines().getClassesList();
                for (int i = 0; i < classes.size(); i++) {
                    check("plain_lines.classes[" + i + "].file", classes.get(i).getFile(), folder, violations);
                }
            }
            default -> {}
        }
        if (!violations.isEmpty()) {
            Violation first = violations.get(0);
            throw Refusal.invalid(Requests.REASON, first.path() + " " + first.message(), violations);
        }
    }

    private static void check(String field, String file, Path folder, List<Violation> violations) throws IOException {
        if (!isInside(file, folder)) {
            violations.add(new Violation(
                    "header.format." + field, "is \"" + file + "\", wanted the path of one of the files sent"));
        }
    }

    private static boolean isInside(String file, Path folder) throws IOException {
        try {
            Path path = folder.resolve(file);
            return ServerFiles.isPlain(path) && path.toRealPath().startsWith(folder.toRealPath());
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
