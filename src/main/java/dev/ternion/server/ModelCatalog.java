package dev.ternion.server;

import dev.ternion.api.v1.Model;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Stored models, as the services see them. Port; calls may read and write disk, and come from several threads. */
public interface ModelCatalog {
    /**
     * Imports a pretrained model.
     *
     * @param id id of the new model
     * @param displayName for people; may be empty
     * @param source a file (jar, ONNX) or a folder (Hugging Face); not kept, may be deleted afterwards
     * @param room to put it in
     * @return the stored model, all fields filled in
     * @throws Refusal {@link Refusal#exists} if the id is taken, {@link Refusal#invalid} MODEL_INVALID if it cannot be
     *     read, QUOTA_EXCEEDED of the room; nothing is stored then
     * @throws IOException if the disk fails; "No space left" becomes NO_SPACE
     */
    Model importModel(String id, String displayName, Path source, Room room) throws IOException;

    /**
     * The model with this id.
     *
     * @throws Refusal {@link Refusal#corrupt} if it is there and cannot be read
     */
    Optional<Model> find(String id) throws IOException;

    /** All models by id. */
    Listing<Model> list() throws IOException;

    /** Bytes of all models of this owner. */
    long bytes(String owner) throws IOException;

    /** Deletes a model that exists. */
    void delete(String id) throws IOException;

    /** Files of a model that exists, by path. */
    List<StoredFile> files(String id) throws IOException;

    /** Opens a file that {@link #files} lists, for reading. */
    SeekableByteChannel open(String id, String path) throws IOException;
}
