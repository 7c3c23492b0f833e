package dev.ternion.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder's files after so many of the calls that changed them: as the process sees them, and as they may be when the power goes. What a
 * file was when it was last synced stays, of what was written since anything may be there or not; a name is there for certain when the
 * folder was synced after it was made, and gone for certain when it was synced after it was removed.
 */
final class ReplayedDisk {
    private static final int SECTOR = 512;

    private final Map<String, byte[]> now = new TreeMap<>();
    private final Map<String, byte[]> synced = new HashMap<>();
    private final Map<String, List<DiskJournal.Call>> since = new HashMap<>();
    private final Set<String> syncedNames = new HashSet<>();

    /** Begins with the files of a folder, all of them synced. */
    ReplayedDisk(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                now.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        synced.putAll(now);
        syncedNames.addAll(now.keySet());
    }

    /** Makes the next call. */
    void make(DiskJournal.Call call) {
        switch (call.kind()) {
            case "write", "truncate" -> {
                now.put(call.file(), changed(now.get(call.file()), call, call.bytes().length));
                since.computeIfAbsent(call.file(), name -> new ArrayList<>()).add(call);
            }
            case "remove" -> now.remove(call.file());
            case "sync" -> sync(call.file());
            default -> throw new IllegalArgumentException(call.kind());
        }
    }

    private void sync(String file) {
        if (file.isEmpty()) {
            syncedNames.clear();
            syncedNames.addAll(now.keySet());
        } else if (now.containsKey(file)) {
            synced.put(file, now.get(file));
            since.remove(file);
        }
    }

    /** The files when the process dies here. */
    Map<String, byte[]> left() {
        return new TreeMap<>(now);
    }

    /** The same when it dies within the next call, which is a write: only part of it is there, to the middle of a sector. */
    Map<String, byte[]> torn(DiskJournal.Call next) {
        int length = next.bytes().length;
        int part = length < SECTOR ? length / 2 : length / 2 / SECTOR * SECTOR + SECTOR / 2;
        Map<String, byte[]> files = left();
        files.put(next.file(), changed(now.get(next.file()), next, part));
        return files;
    }

    /** The files when the power goes here and nothing is there but what was synced. */
    Map<String, byte[]> certain() {
        Map<String, byte[]> files = new TreeMap<>();
        syncedNames.forEach(name -> files.put(name, synced.getOrDefault(name, new byte[0])));
        return files;
    }

    /** The files when the power goes here and each write that was not synced is there or not, as drawn. */
    Map<String, byte[]> anyOf(Random random) {
        Map<String, byte[]> files = new TreeMap<>();
        now.forEach((name, content) -> {
            byte[] drawn = synced.get(name);
            for (DiskJournal.Call call : since.getOrDefault(name, List.of())) {
                if (random.nextBoolean()) {
                    drawn = changed(drawn, call, call.bytes().length);
                }
            }
            files.put(name, drawn == null ? new byte[0] : drawn);
        });
        return files;
    }

    private static byte[] changed(byte[] old, DiskJournal.Call call, int length) {
        byte[] from = old == null ? new byte[0] : old;
        int offset = Math.toIntExact(call.offset());
        if (call.kind().equals("truncate")) {
            return Arrays.copyOf(from, offset);
        }
        byte[] file = Arrays.copyOf(from, Math.max(from.length, offset + length));
        System.arraycopy(call.bytes(), 0, file, offset, length);
        return file;
    }
}
