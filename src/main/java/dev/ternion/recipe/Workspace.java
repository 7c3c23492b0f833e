package dev.ternion.recipe;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Where models and data sets of a project lie.
 *
 * @param root data folder
 */
public record Workspace(Path root) {
    /** Folder of a model. */
    public Path model(String id) {
        return models().resolve(id);
    }

    /** Folder of a data set. */
    public Path dataset(String id) {
        return datasets().resolve(id);
    }

    /** Folder of all models. */
    public Path models() {
        return root.resolve("models");
    }

    /** Folder of all data sets. */
    public Path datasets() {
        return root.resolve("datasets");
    }

    /** Folder of checkpoints, one folder for each job. */
    public Path checkpoints() {
        return root.resolve("checkpoints");
    }

    /** Folder for files that may vanish at any time. */
    public Path cache() {
        return root.resolve("cache");
    }

    /** A message as clients may read it: paths begin in the data folder. */
    public String relative(String message) {
        return relative(message, root, "data folder");
    }

    /** The same for an import that was refused: what was to be imported is named as in its own folder. */
    public String relative(String message, Path source) {
        Path folder = Files.isDirectory(source) ? source : source.getParent();
        return relative(relative(message, folder, "folder"));
    }

    private static String relative(String message, Path folder, String name) {
        Path absolute = folder.toAbsolutePath();
        return message.replace(absolute + File.separator, "")
                .replaceAll(Pattern.quote(absolute.toString()) + "(?![\\w-])", name);
    }
}
