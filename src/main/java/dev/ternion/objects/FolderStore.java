package dev.ternion.objects;

import dev.ternion.artifact.Digests;
import dev.ternion.artifact.FileOperations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Objects as files of a folder, which lies in the file system of the files that are put there: they are moved. */
public final class FolderStore implements ObjectStore {
    private final Path root;
    private final FileOperations files;

    /** @param root made when the first object comes */
    public FolderStore(Path root) {
        this(root, FileOperations.REAL);
    }

    /** @param files operations of the disk */
    FolderStore(Path root, FileOperations files) {
        this.root = root.toAbsolutePath();
        this.files = files;
    }

    @Override
    public void put(String name, Path file, String sha256) throws IOException {
        Path target = path(name);
        if (!Files.exists(file) && Files.exists(target)) {
            syncNames(target.getParent());
            return;
        }
        String seen = Digests.sha256(file);
        if (!seen.equals(sha256)) {
            throw new DigestMismatch(name, sha256, seen);
        }
        Files.createDirectories(target.getParent());
        try (FileChannel channel = files.open(file)) {
            files.sync(channel);
        }
        files.rename(file, target);
        syncNames(target.getParent());
    }

    @Override
    public OptionalLong size(String name) throws IOException {
        Path file = path(name);
        return Files.isRegularFile(file) ? OptionalLong.of(Files.size(file)) : OptionalLong.empty();
    }

    @Override
    public InputStream open(String name, long offset) throws IOException {
        FileChannel channel = FileChannel.open(path(name), StandardOpenOption.READ);
        return Channels.newInputStream(channel.position(offset));
    }

    @Override
    public void delete(String name) throws IOException {
        Path file = path(name);
        if (Files.exists(file)) {
            files.delete(file);
            files.syncFolder(file.getParent());
        }
    }

    @Override
    public List<String> list(String prefix) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .filter(name -> name.startsWith(prefix))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private Path path(String name) {
        return root.resolve(ObjectName.require(name));
    }

    /** Also of the folders above, which may be new: a power cut must not take them away. */
    private void syncNames(Path folder) throws IOException {
        for (Path each = folder; !each.equals(root.getParent()); each = each.getParent()) {
            files.syncFolder(each);
        }
        files.syncFolder(root.getParent());
    }
}
