package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import java.io.IOException;
import java.util.List;

/** Files of models by their resource names, {@code projects/default/models/{model}/files/{path}}. */
final class ModelFiles {
    private static final String FILES = "/files/";

    private final ModelCatalog catalog;

    ModelFiles(ModelCatalog catalog) {
        this.catalog = catalog;
    }

    /**
     * A file of a model.
     *
     * @param model id
     * @param file as the store lists it
     */
    record Found(String model, StoredFile file) {}

    static String name(String model, StoredFile file) {
        return ResourceNames.MODEL.name(model) + FILES + file.path();
    }

    /** @param field of the request that has the name */
    Found find(String field, String name) throws IOException {
        int cut = name.indexOf(FILES);
        String model = Requests.id(ResourceNames.MODEL, field, cut < 0 ? name : name.substring(0, cut));
        String path = cut < 0 ? "" : name.substring(cut + FILES.length());
        return list(model).stream()
                .filter(candidate -> candidate.path().equals(path))
                .findFirst()
                .map(file -> new Found(model, file))
                .orElseThrow(() -> Refusal.fileNotFound(model, path));
    }

    /** Files of a model. */
    List<StoredFile> list(String model) throws IOException {
        if (catalog.find(model).isEmpty()) {
            throw Refusal.notFound(ResourceNames.MODEL, model);
        }
        return catalog.files(model);
    }
}
