package dev.ternion.recipe;

import java.nio.file.Path;

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

    /** Folder for files that may vanish at any time. */
    public Path cache() {
        return root.resolve("cache");
    }
}
