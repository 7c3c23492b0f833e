package dev.ternion.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.ternion.api.v1.Job;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A job in a file: the proto message Job in YAML or JSON, under the names of either. */
final class JobFile {
    private JobFile() {}

    /** Reads the file; `-` is stdin. Throws a {@link CliException} that names file, line and field of every problem. */
    static Job read(String file) throws IOException {
        String text = file.equals("-")
                ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                : Files.readString(Path.of(file));
        return parse(file.equals("-") ? "stdin" : file, text);
    }

    static Job parse(String file, String text) throws IOException {
        LocatedTree tree;
        try {
            tree = LocatedTree.read(text);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new CliException(
                    ExitCode.SPEC_INVALID,
                    file + (line > 0 ? ":" + line : "") + ": not YAML or JSON: " + words(e.getOriginalMessage()));
        }
        List<FieldCheck.Problem> problems = new FieldCheck(tree).run(Job.getDescriptor());
        if (!problems.isEmpty()) {
            throw new CliException(
                    ExitCode.SPEC_INVALID,
                    problems.stream()
                            .map(problem -> file + ":" + problem.line() + ": " + problem.text())
                            .collect(Collectors.joining("\n")));
        }
        Job.Builder job = Job.newBuilder();
        try {
            Json.merge(tree.root().toString(), job);
        } catch (InvalidProtocolBufferException e) {
            throw new CliException(ExitCode.SPEC_INVALID, file + ": " + e.getMessage());
        }
        if (!job.hasSpec()) {
            throw new CliException(
                    ExitCode.SPEC_INVALID, file + ": no field \"spec\"; it holds one of fineTune, qat, evaluate");
        }
        return job.build();
    }

    /** The words of a parser's message, without its excerpts. */
    private static String words(String message) {
        return message.lines()
                .filter(line -> !line.isBlank() && !line.startsWith(" "))
                .collect(Collectors.joining("; "));
    }
}
