package dev.ternion.cli;

import dev.ternion.api.v1.Dataset;
import dev.ternion.api.v1.DatasetServiceGrpc;
import dev.ternion.api.v1.ImportDatasetHeader;
import dev.ternion.api.v1.ImportDatasetRequest;
import dev.ternion.api.v1.ImportModelHeader;
import dev.ternion.api.v1.ImportModelRequest;
import dev.ternion.api.v1.Model;
import dev.ternion.api.v1.ModelServiceGrpc;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The two import calls. Large files are sent before, see {@link LargeFiles}. */
final class Imports {
    private static final int MINUTES = 60;

    private Imports() {}

    /** Imports a model; no files when the header names a server path. */
    static Model model(Connection connection, ImportModelHeader header, List<UploadFiles.Entry> files)
            throws IOException, InterruptedException {
        LargeFiles sorted = LargeFiles.send(connection, files);
        UploadCall<ImportModelRequest, Model> call = new UploadCall<>();
        ModelServiceGrpc.newStub(connection.channel())
                .withDeadlineAfter(MINUTES, TimeUnit.MINUTES)
                .importModel(call);
        ImportModelRequest first = ImportModelRequest.newBuilder()
                .setHeader(header.toBuilder().addAllUploads(sorted.uploaded()))
                .build();
        Model imported = UploadFiles.send(
                call,
                first,
                sorted.small(),
                chunk -> ImportModelRequest.newBuilder().setChunk(chunk).build());
        sorted.delete();
        return imported;
    }

    /** Imports a data set; no files when the header names a server path. */
    static Dataset dataset(Connection connection, ImportDatasetHeader header, List<UploadFiles.Entry> files)
            throws IOException, InterruptedException {
        LargeFiles sorted = LargeFiles.send(connection, files);
        UploadCall<ImportDatasetRequest, Dataset> call = new UploadCall<>();
        DatasetServiceGrpc.newStub(connection.channel())
                .withDeadlineAfter(MINUTES, TimeUnit.MINUTES)
                .importDataset(call);
        ImportDatasetRequest first = ImportDatasetRequest.newBuilder()
                .setHeader(header.toBuilder().addAllUploads(sorted.uploaded()))
                .build();
        Dataset imported = UploadFiles.send(
                call,
                first,
                sorted.small(),
                chunk -> ImportDatasetRequest.newBuilder().setChunk(chunk).build());
        sorted.delete();
        return imported;
    }
}
