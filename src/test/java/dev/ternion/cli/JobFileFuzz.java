package dev.ternion.cli;

import dev.ternion.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Job files in YAML and JSON. */
public final class JobFileFuzz implements FuzzTarget {
    /** The only one. */
    public static List<FuzzTarget> targets() {
        return List.of(new JobFileFuzz());
    }

    @Override
    public String name() {
        return "job-file";
    }

    @Override
    public List<byte[]> seeds() throws Exception {
        String json = "{\"displayName\":\"a\",\"spec\":{\"evaluate\":{\"model\":\"m\",\"data\":{\"dataset\":\"d\"}}}}";
        return List.of(
                Files.readAllBytes(Path.of("src/examples/quickstart-qat.yaml")), json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public List<String> words() {
        return List.of(
                "spec:",
                "evaluate:",
                "qat:",
                "arms:",
                "- ",
                "\n  ",
                ": ",
                "&a ",
                "*a",
                "!!java.net.URL ",
                "!!binary ",
                "<<: ",
                "{",
                "}",
                "[",
                "]",
                ",",
                "---\n",
                "...\n",
                "# ",
                "| ",
                "> ",
                "\"",
                "'",
                "? ",
                "%TAG ! tag:a,2000:\n",
                "0x1");
    }

    @Override
    public void parse(byte[] input, Path scratch) throws Exception {
        JobFile.parse("job.yaml", new String(input, StandardCharsets.UTF_8));
    }

    @Override
    public boolean isDocumented(Throwable thrown) {
        return thrown instanceof CliException;
    }
}
