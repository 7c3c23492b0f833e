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
        return below(models(), id);
    }

    /** Folder of a data set. */
    public Path dataset(String id) {
        return below(datasets(), id);
    }

    /** Never the folder of all, nor one above it: what an id names may be replaced and deleted. */
    private static Path below(Path all, String id) {
        Path one = all.resolve(id);
        if (!all.normalize().equals(one.normalize().getParent())) {
            throw new IllegalArgumentException("\"" + id + "\" is no id");
        }
        return one;
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
