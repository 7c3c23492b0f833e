package dev.ternion.cli;

import com.google.protobuf.ByteString;
import dev.ternion.api.v1.ArtifactFile;
import dev.ternion.api.v1.ArtifactServiceGrpc;
import dev.ternion.api.v1.Dataset;
import dev.ternion.api.v1.DatasetServiceGrpc;
import dev.ternion.api.v1.DownloadArtifactRequest;
import dev.ternion.api.v1.DownloadArtifactResponse;
import dev.ternion.api.v1.FileChunk;
import dev.ternion.api.v1.ImportDatasetHeader;
import dev.ternion.api.v1.ImportDatasetRequest;
import dev.ternion.api.v1.ImportModelHeader;
import dev.ternion.api.v1.ImportModelRequest;
import dev.ternion.api.v1.ListFilesRequest;
import dev.ternion.api.v1.ListFilesResponse;
import dev.ternion.api.v1.Model;
import dev.ternion.api.v1.ModelServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Models, data sets and files that remember what was uploaded. */
final class FakeStores {
    final Map<String, byte[]> uploaded = new ConcurrentHashMap<>();
    volatile ImportModelHeader modelHeader;
    volatile ImportDatasetHeader datasetHeader;

    /** Contents of the one downloadable file, and the digest that is told. */
    volatile byte[] file = new byte[0];

    volatile String sha256 = "";

    /** The name of that file in the model. */
    volatile String fileName = "model.safetensors";

    /** The first download breaks after so many bytes; 0 for never. */
    volatile int breakAfter;

    /** First byte that the last download asked for. */
    volatile long askedFrom = -1;

    final Models models = new Models();
    final Datasets datasets = new Datasets();
    final Artifacts artifacts = new Artifacts();

    /** Puts the pieces of a file together. */
    private final class Receiver<Q, R> implements StreamObserver<Q> {
        private final Map<String, ByteArrayOutputStream> parts = new TreeMap<>();
        private final Consumer<Q> read;
        private final Supplier<R> answer;
        private final StreamObserver<R> client;

        Receiver(StreamObserver<R> client, Function<Q, FileChunk> chunk, Consumer<Q> header, Supplier<R> answer) {
            this.client = client;
            this.answer = answer;
            read = request -> {
                FileChunk piece = chunk.apply(request);
                if (piece == null) {
                    header.accept(request);
                    return;
                }
                parts.computeIfAbsent(piece.getPath(), path -> new ByteArrayOutputStream())
                        .writeBytes(piece.getData().toByteArray());
                if (piece.getLast()) {
                    uploaded.put(piece.getPath(), parts.get(piece.getPath()).toByteArray());
                }
            };
        }

        @Override
        public void onNext(Q request) {
            read.accept(request);
        }

        @Override
        public void onError(Throwable gone) {}

        @Override
        public void onCompleted() {
            FakeJobs.reply(client, answer.get());
        }
    }

    /** Models. */
    final class Models extends ModelServiceGrpc.ModelServiceImplBase {
        @Override
        public StreamObserver<ImportModelRequest> importModel(StreamObserver<Model> client) {
            return new Receiver<>(
                    client,
                    request -> request.hasChunk() ? request.getChunk() : null,
                    request -> modelHeader = request.getHeader(),
                    () -> Model.newBuilder()
                            .setName("projects/default/models/" + modelHeader.getModelId())
                            .setKind(Model.Kind.KIND_ENCODER)
                            .setLayers(6)
                            .build());
        }
    }

    /** Data sets. */
    final class Datasets extends DatasetServiceGrpc.DatasetServiceImplBase {
        @Override
        public StreamObserver<ImportDatasetRequest> importDataset(StreamObserver<Dataset> client) {
            return new Receiver<>(
                    client,
                    request -> request.hasChunk() ? request.getChunk() : null,
                    request -> datasetHeader = request.getHeader(),
                    () -> Dataset.newBuilder()
                            .setName("projects/default/datasets/" + datasetHeader.getDatasetId())
                            .setTrainRows(2400)
                            .setEvalRows(600)
                            .build());
        }
    }

    /** Files. */
    final class Artifacts extends ArtifactServiceGrpc.ArtifactServiceImplBase {
        private static final int PIECE = 1000;
        private boolean broken;

        @Override
        public void listFiles(ListFilesRequest request, StreamObserver<ListFilesResponse> answer) {
            FakeJobs.reply(
                    answer,
                    ListFilesResponse.newBuilder()
                            .addFiles(ArtifactFile.newBuilder()
                                    .setName(request.getParent() + "/files/" + fileName)
                                    .setSize(file.length))
                            .build());
        }

        @Override
        public void downloadArtifact(DownloadArtifactRequest request, StreamObserver<DownloadArtifactResponse> answer) {
            askedFrom = request.getOffset();
            for (int at = (int) request.getOffset(); at < file.length; at += PIECE) {
                answer.onNext(DownloadArtifactResponse.newBuilder()
                        .setOffset(at)
                        .setData(ByteString.copyFrom(file, at, Math.min(PIECE, file.length - at)))
                        .setTotalSize(file.length)
                        .setSha256(sha256)
                        .build());
                if (!broken && breakAfter > 0 && at + PIECE >= breakAfter) {
                    broken = true;
                    answer.onError(Status.UNAVAILABLE.asRuntimeException());
                    return;
                }
            }
            answer.onCompleted();
        }
    }
}
