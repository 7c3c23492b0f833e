package dev.ternion.server;

import dev.ternion.api.v1.Dataset;
import dev.ternion.api.v1.DatasetFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Stored data sets, as the services see them. Port; calls may read and write disk, and come from several threads. */
public interface DatasetCatalog {
    /**
     * Imports a data set.
     *
     * @param id id of the new data set
     * @param displayName for people; may be empty
     * @param format how the files are written; file names in it are paths in {@code folder} that do not leave it
     * @param folder where the files are; not kept, may be deleted afterwards
     * @param room to put it in
     * @return the stored data set, all fields filled in
     * @throws Refusal {@link Refusal#exists} if the id is taken, {@link Refusal#invalid} DATASET_INVALID with the rows,
     *     {@link Refusal#invalid} REQUEST_INVALID if the format contradicts itself, QUOTA_EXCEEDED of the room; nothing is stored then
     * @throws IOException if the disk fails; "No space left" becomes NO_SPACE
     */
    Dataset importDataset(String id, String displayName, DatasetFormat format, Path folder, Room room)
            throws IOException;

    /**
     * The data set with this id.
     *
     * @throws Refusal {@link Refusal#corrupt} if it is there and cannot be read
     */
    Optional<Dataset> find(String id) throws IOException;

    /** All data sets by id. */
    Listing<Dataset> list() throws IOException;

    /** Bytes of all data sets of this owner. */
    long bytes(String owner) throws IOException;

    /** Deletes a data set that exists. */
    void delete(String id) throws IOException;
}
