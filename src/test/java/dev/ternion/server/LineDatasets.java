package dev.ternion.server;

import dev.ternion.api.ResourceNames;
import dev.ternion.api.Violation;
import dev.ternion.api.v1.Dataset;
import dev.ternion.api.v1.DatasetFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** Data sets of which only the number of lines is known; an empty line is a bad row. */
final class LineDatasets implements DatasetCatalog {
    private final Map<String, Dataset> byId = new ConcurrentSkipListMap<>();
    private final Map<String, Map.Entry<String, Long>> sizes = new ConcurrentSkipListMap<>();

    @Override
    public Dataset importDataset(String id, String displayName, DatasetFormat format, Path folder, Room room)
            throws IOException {
        Path file = folder.resolve(format.getTabular().getTrainFile());
        List<String> lines = Files.readAllLines(file);
        List<Violation> bad = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).isEmpty()) {
                bad.add(new Violation("rows[" + (i + 1) + "]", "is empty, wanted text and label"));
            }
        }
        if (!bad.isEmpty()) {
            throw Refusal.invalid(
                    "DATASET_INVALID", bad.size() + " bad rows", bad, Map.of("bad_rows", String.valueOf(bad.size())));
        }
        Dataset dataset = Dataset.newBuilder()
                .setName(ResourceNames.DATASET.name(id))
                .setDisplayName(displayName)
                .setTrainRows(lines.size())
                .build();
        long size = Files.size(file);
        room.take(size, () -> {
            byId.put(id, dataset);
            sizes.put(id, Map.entry(room.owner(), size));
        });
        return dataset;
    }

    @Override
    public Optional<Dataset> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    @Override
    public Listing<Dataset> list() {
        return new Listing<>(List.copyOf(byId.values()), List.of());
    }

    @Override
    public long bytes(String owner) {
        return sizes.values().stream()
                .filter(size -> size.getKey().equals(owner))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    @Override
    public void delete(String id) {
        sizes.remove(id);
        byId.remove(id);
    }
}
