package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.v1.Model;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Models as folders of files, which may hold anything. */
final class FolderModels implements ModelCatalog {
    private final Path root;
    private final Map<String, String> digests = new ConcurrentHashMap<>();
    private final Map<String, String> owners = new ConcurrentHashMap<>();

    FolderModels(Path root) {
        this.root = root;
    }

    /** Files of this path have this SHA-256, as if a manifest said so; others are digested when they are downloaded. */
    void state(String path, String sha256) {
        digests.put(path, sha256);
    }

    @Override
    public Model importModel(String id, String displayName, Path source, Room room) throws IOException {
        room.take(bytes(source), () -> copy(id, source));
        owners.put(id, room.owner());
        return model(id).toBuilder().setDisplayName(displayName).build();
    }

    private void copy(String id, Path source) throws IOException {
        Path target = Files.createDirectories(root.resolve(id));
        List<Path> files;
        try (Stream<Path> all = Files.walk(source)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            Path relative = file.equals(source) ? file.getFileName() : source.relativize(file);
            Path copy = target.resolve(relative.toString());
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
        }
    }

    private static long bytes(Path source) throws IOException {
        try (Stream<Path> all = Files.walk(source)) {
            return all.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Override
    public Optional<Model> find(String id) {
        return Files.isDirectory(root.resolve(id)) ? Optional.of(model(id)) : Optional.empty();
    }

    @Override
    public Listing<Model> list() throws IOException {
        if (!Files.exists(root)) {
            return new Listing<>(List.of(), List.of());
        }
        try (Stream<Path> all = Files.list(root)) {
            List<Model> models = all.map(path -> path.getFileName().toString())
                    .sorted()
                    .map(FolderModels::model)
                    .toList();
            return new Listing<>(models, List.of());
        }
    }

    @Override
    public long bytes(String owner) throws IOException {
        long bytes = 0;
        for (Map.Entry<String, String> model : owners.entrySet()) {
            bytes += model.getValue().equals(owner) ? bytes(root.resolve(model.getKey())) : 0;
        }
        return bytes;
    }

    @Override
    public void delete(String id) throws IOException {
        owners.remove(id);
        UploadFolder.deleteTree(root.resolve(id));
    }

    @Override
    public List<StoredFile> files(String id) throws IOException {
        Path folder = root.resolve(id);
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> stored(folder.relativize(file).toString(), file))
                    .toList();
        }
    }

    private StoredFile stored(String path, Path file) {
        return new StoredFile(path, file.toFile().length(), digests.getOrDefault(path, ""));
    }

    @Override
    public SeekableByteChannel open(String id, String path) throws IOException {
        return Files.newByteChannel(root.resolve(id).resolve(path));
    }

    private static Model model(String id) {
        return Model.newBuilder()
                .setName(ResourceNames.MODEL.name(id))
                .setKind(Model.Kind.KIND_ENCODER)
                .build();
    }
}
