package dev.ternion.server;

import static dev.ternion.server.TestServer.detail;
import static dev.ternion.server.TestServer.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.ternion.api.v1.ArtifactServiceGrpc;
import dev.ternion.api.v1.Dataset;
import dev.ternion.api.v1.DatasetFormat;
import dev.ternion.api.v1.DatasetServiceGrpc;
import dev.ternion.api.v1.DeleteModelRequest;
import dev.ternion.api.v1.DownloadArtifactRequest;
import dev.ternion.api.v1.DownloadArtifactResponse;
import dev.ternion.api.v1.FileChunk;
import dev.ternion.api.v1.ImportDatasetHeader;
import dev.ternion.api.v1.ImportDatasetRequest;
import dev.ternion.api.v1.ImportModelHeader;
import dev.ternion.api.v1.ImportModelRequest;
import dev.ternion.api.v1.ListFilesRequest;
import dev.ternion.api.v1.ListModelsRequest;
import dev.ternion.api.v1.Model;
import dev.ternion.api.v1.ModelServiceGrpc;
import dev.ternion.api.v1.TabularFormat;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads and downloads. */
class TransferIT {
    private static final int MAX_UPLOAD = 4 << 20;

    @TempDir
    Path folder;

    private TestServer test;

    @BeforeEach
    void start() throws Exception {
        test = new TestServer(folder, settings -> settings.withMaxUploadBytes(MAX_UPLOAD));
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    @Test
    void whatIsUploadedComesBackInBoundedPiecesWithItsDigest() throws Exception {
        byte[] weights = bytes(1_500_000);
        Upload<Model> upload = importModel("tiny-model");
        upload.send(chunk("config.json", "{}".getBytes(StandardCharsets.UTF_8), true, ""));
        upload.send(chunk("onnx/model.bin", slice(weights, 0, 1 << 20), false, ""));
        upload.send(chunk("onnx/model.bin", slice(weights, 1 << 20, weights.length), true, sha256(weights)));
        assertThat(upload.finish().getName()).isEqualTo("projects/default/models/tiny-model");
        assertNoUploadsLeft();

        List<DownloadArtifactResponse> pieces = download("onnx/model.bin", 0);
        assertThat(pieces).hasSize(6).allSatisfy(piece -> {
            assertThat(piece.getData().size()).isLessThanOrEqualTo(256 << 10);
            assertThat(piece.getTotalSize()).isEqualTo(weights.length);
            assertThat(piece.getSha256()).isEqualTo(sha256(weights));
        });
        assertThat(join(pieces)).isEqualTo(weights);
        assertThat(join(download("onnx/model.bin", 1_499_990))).isEqualTo(slice(weights, 1_499_990, 1_500_000));
        assertThat(join(download("onnx/model.bin", 1_500_000))).isEmpty();
        assertThat(reason(TestServer.refused(() -> download("onnx/model.bin", 1_500_001))))
                .isEqualTo("OFFSET_INVALID");
        assertThat(reason(TestServer.refused(() -> download("../x", 0)))).isEqualTo("FILE_NOT_FOUND");
        assertThat(artifacts()
                        .listFiles(ListFilesRequest.newBuilder()
                                .setParent("projects/default/models/tiny-model")
                                .build())
                        .getFilesList())
                .extracting(dev.ternion.api.v1.ArtifactFile::getSize)
                .containsExactly(2L, 1_500_000L);
    }

    @Test
    void anUploadThatIsTooLargeIsRefusedAndLeavesNothing() throws Exception {
        Upload<Model> upload = importModel("big-model");
        for (int i = 0; i < 5; i++) {
            upload.send(chunk("model.bin", bytes(1 << 20), false, ""));
        }
        Status status = upload.refusal();
        assertThat(reason(status)).isEqualTo("UPLOAD_TOO_LARGE");
        assertThat(detail(status, ErrorInfo.class).getMetadataMap()).containsEntry("limit", "4194304");
        assertNoUploadsLeft();
        assertThat(models().listModels(ListModelsRequest.getDefaultInstance()).getModelsList())
                .isEmpty();
    }

    @Test
    void piecesThatAreTooLargeDamagedTruncatedOrElsewhereAreRefused() {
        assertUploadInvalid("chunk.data", chunk("a", bytes((1 << 20) + 1), true, ""));
        assertUploadInvalid("chunk.sha256", chunk("a", bytes(10), true, sha256(bytes(11))));
        assertUploadInvalid("chunk.last", chunk("a", bytes(10), false, ""));
        assertUploadInvalid("chunk.path", chunk("../a", bytes(10), true, ""));
        assertUploadInvalid("chunk.path", chunk("/a", bytes(10), true, ""));
        assertUploadInvalid("chunk.path", chunk("a", bytes(1), false, ""), chunk("b", bytes(1), true, ""));
        assertUploadInvalid("chunk");
    }

    @Test
    void aClientThatGoesAwayLeavesNothing() throws Exception {
        Upload<Model> upload = importModel("half-model");
        upload.send(chunk("model.bin", bytes(1 << 20), false, ""));
        await().until(() -> uploads() == 1);
        upload.requests.onError(new IllegalStateException("gone"));
        assertNoUploadsLeft();
    }

    @Test
    void serverPathsAreOpenOnlyUnderImportRoots() throws Exception {
        Files.createDirectories(folder.resolve("imports"));
        Files.write(folder.resolve("imports/model.bin"), bytes(10));
        Files.write(folder.resolve("secret.bin"), bytes(10));
        assertThat(importPath("model-a", "model.bin").finish().getName()).endsWith("model-a");
        assertThat(importPath("model-b", folder.resolve("imports/model.bin").toString())
                        .finish()
                        .getName())
                .endsWith("model-b");
        for (String path : List.of("../secret.bin", folder.resolve("secret.bin").toString(), "absent")) {
            assertThat(reason(importPath("model-c", path).refusal())).isEqualTo("PATH_NOT_ALLOWED");
        }
        assertThat(reason(importPath("model-a", "model.bin").refusal())).isEqualTo("MODEL_EXISTS");
    }

    @Test
    void badRowsComeWithTheirNumbers() throws Exception {
        Upload<Dataset> upload = importDataset("bad-set", "train.tsv");
        upload.send(chunk("train.tsv", "a\n\nb\n\n".getBytes(StandardCharsets.UTF_8), true, ""));
        Status status = upload.refusal();
        assertThat(reason(status)).isEqualTo("DATASET_INVALID");
        assertThat(detail(status, BadRequest.class).getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .containsExactly("rows[2]", "rows[4]");

        Upload<Dataset> absent = importDataset("bad-set", "other.tsv");
        absent.send(chunk("train.tsv", bytes(3), true, ""));
        assertThat(detail(absent.refusal(), BadRequest.class)
                        .getFieldViolations(0)
                        .getField())
                .isEqualTo("header.format.tabular.train_file");

        Upload<Dataset> good = importDataset("good-set", "train.tsv");
        good.send(chunk("train.tsv", "a\nb\n".getBytes(StandardCharsets.UTF_8), true, ""));
        assertThat(good.finish().getTrainRows()).isEqualTo(2);
    }

    @Test
    void aModelInUseIsNotDeleted() throws Exception {
        Upload<Model> upload = importModel("mini-teacher");
        upload.send(chunk("model.bin", bytes(1), true, ""));
        upload.finish();
        test.create("job-a");
        DeleteModelRequest delete = DeleteModelRequest.newBuilder()
                .setName("projects/default/models/mini-teacher")
                .build();
        assertThat(reason(TestServer.refused(() -> models().deleteModel(delete))))
                .isEqualTo("MODEL_IN_USE");
        test.queue.cancel("job-a", "");
        await().until(() -> test.queue.get("job-a").state().isFinal());
        models().deleteModel(delete);
        assertThat(reason(TestServer.refused(() -> models().deleteModel(delete))))
                .isEqualTo("MODEL_NOT_FOUND");
    }

    private void assertUploadInvalid(String field, FileChunk... chunks) {
        Upload<Model> upload = importModel("some-model");
        for (FileChunk chunk : chunks) {
            upload.send(chunk);
        }
        Status status = upload.refusal();
        assertThat(reason(status)).isEqualTo("UPLOAD_INVALID");
        assertThat(detail(status, BadRequest.class).getFieldViolations(0).getField())
                .isEqualTo(field);
        assertNoUploadsLeft();
    }

    private Upload<Model> importModel(String id) {
        return importPath(id, "");
    }

    private Upload<Model> importPath(String id, String path) {
        CompletableFuture<Model> answer = new CompletableFuture<>();
        StreamObserver<ImportModelRequest> requests =
                ModelServiceGrpc.newStub(test.channel).importModel(new Answer<>(answer));
        requests.onNext(ImportModelRequest.newBuilder()
                .setHeader(ImportModelHeader.newBuilder().setModelId(id).setServerPath(path))
                .build());
        return new Upload<>(
                requests,
                answer,
                chunk -> requests.onNext(
                        ImportModelRequest.newBuilder().setChunk(chunk).build()));
    }

    private Upload<Dataset> importDataset(String id, String trainFile) {
        CompletableFuture<Dataset> answer = new CompletableFuture<>();
        StreamObserver<ImportDatasetRequest> requests =
                DatasetServiceGrpc.newStub(test.channel).importDataset(new Answer<>(answer));
        requests.onNext(ImportDatasetRequest.newBuilder()
                .setHeader(ImportDatasetHeader.newBuilder()
                        .setDatasetId(id)
                        .setFormat(DatasetFormat.newBuilder()
                                .setTabular(TabularFormat.newBuilder().setTrainFile(trainFile))))
                .build());
        return new Upload<>(
                requests,
                answer,
                chunk -> requests.onNext(
                        ImportDatasetRequest.newBuilder().setChunk(chunk).build()));
    }

    private List<DownloadArtifactResponse> download(String path, long offset) {
        List<DownloadArtifactResponse> pieces = new ArrayList<>();
        artifacts()
                .downloadArtifact(DownloadArtifactRequest.newBuilder()
                        .setName("projects/default/models/tiny-model/files/" + path)
                        .setOffset(offset)
                        .build())
                .forEachRemaining(pieces::add);
        return pieces;
    }

    private ArtifactServiceGrpc.ArtifactServiceBlockingStub artifacts() {
        return ArtifactServiceGrpc.newBlockingStub(test.channel);
    }

    private ModelServiceGrpc.ModelServiceBlockingStub models() {
        return ModelServiceGrpc.newBlockingStub(test.channel);
    }

    private void assertNoUploadsLeft() {
        await().until(() -> uploads() == 0);
    }

    private int uploads() {
        String[] left = folder.resolve("uploads").toFile().list();
        return left == null ? 0 : left.length;
    }

    private static FileChunk chunk(String path, byte[] data, boolean last, String sha256) {
        return FileChunk.newBuilder()
                .setPath(path)
                .setData(ByteString.copyFrom(data))
                .setLast(last)
                .setSha256(sha256)
                .build();
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static byte[] slice(byte[] bytes, int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }

    private static byte[] join(List<DownloadArtifactResponse> pieces) {
        return ByteString.copyFrom(
                        pieces.stream().map(DownloadArtifactResponse::getData).toList())
                .toByteArray();
    }

    private static String sha256(byte[] bytes) {
        MessageDigest digest = UploadFolder.sha256();
        return HexFormat.of().formatHex(digest.digest(bytes));
    }

    /** The client's side of an import. */
    private record Upload<R>(StreamObserver<?> requests, CompletableFuture<R> answer, Consumer<FileChunk> sender) {
        void send(FileChunk chunk) {
            sender.accept(chunk);
        }

        R finish() throws Exception {
            requests.onCompleted();
            return answer.get(1, TimeUnit.MINUTES);
        }

        Status refusal() {
            try {
                requests.onCompleted();
            } catch (IllegalStateException e) {
                assertThat(answer).isCompletedExceptionally();
            }
            Throwable thrown = catchThrowable(() -> answer.get(1, TimeUnit.MINUTES));
            return StatusProto.fromThrowable(thrown);
        }
    }

    private record Answer<R>(CompletableFuture<R> future) implements StreamObserver<R> {
        @Override
        public void onNext(R message) {
            future.complete(message);
        }

        @Override
        public void onError(Throwable thrown) {
            future.completeExceptionally(thrown);
        }

        @Override
        public void onCompleted() {}
    }
}
