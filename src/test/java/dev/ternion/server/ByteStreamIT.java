package dev.ternion.server;

import static dev.ternion.server.TestServer.reason;
import static dev.ternion.server.TestServer.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import dev.ternion.api.v1.ByteStreamGrpc;
import dev.ternion.api.v1.CreateUploadRequest;
import dev.ternion.api.v1.DeleteUploadRequest;
import dev.ternion.api.v1.FinalizeUploadRequest;
import dev.ternion.api.v1.ImportModelHeader;
import dev.ternion.api.v1.ImportModelRequest;
import dev.ternion.api.v1.Model;
import dev.ternion.api.v1.ModelServiceGrpc;
import dev.ternion.api.v1.QueryWriteStatusRequest;
import dev.ternion.api.v1.QueryWriteStatusResponse;
import dev.ternion.api.v1.ReadRequest;
import dev.ternion.api.v1.ReadResponse;
import dev.ternion.api.v1.Upload;
import dev.ternion.api.v1.UploadServiceGrpc;
import dev.ternion.api.v1.UploadedFile;
import dev.ternion.api.v1.WriteRequest;
import dev.ternion.api.v1.WriteResponse;
import io.grpc.ManagedChannel;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Resumable uploads and downloads through a real server. */
class ByteStreamIT {
    private static final String NAME = "projects/default/uploads/some-file";
    private static final int PIECE = 50_000;

    @TempDir
    Path folder;

    private TestServer test;
    private byte[] content;
    private String digest;

    @BeforeEach
    void start() throws Exception {
        test = new TestServer(folder);
        content = new byte[1_234_567];
        new Random(7).nextBytes(content);
        digest = HexFormat.of().formatHex(UploadFolder.sha256().digest(content));
    }

    @AfterEach
    void stop() throws Exception {
        test.close();
    }

    /** after every piece the connection is cut, at once or when the piece has come; the file is whole in the end. */
    @Test
    void aConnectionThatIsCutAfterEveryPieceLosesNothing() throws Exception {
        create(content.length);
        Random random = new Random(19);
        int cuts = 0;
        long before = 0;
        for (QueryWriteStatusResponse status = status(); !status.getComplete(); status = status()) {
            long at = status.getCommittedSize();
            assertThat(at).isGreaterThanOrEqualTo(before);
            before = at;
            ManagedChannel cut = test.connect();
            StreamObserver<WriteRequest> writing =
                    ByteStreamGrpc.newStub(cut).write(new Answer<>(new CompletableFuture<>()));
            int end = (int) Math.min(content.length, at + PIECE);
            writing.onNext(piece((int) at, end).setResourceName(NAME).build());
            if (random.nextBoolean()) {
                await().pollInterval(java.time.Duration.ofMillis(2)).until(() -> status().getCommittedSize() == end);
            }
            cut.shutdownNow();
            cuts++;
        }
        assertThat(cuts).isGreaterThanOrEqualTo(content.length / PIECE);
        assertThat(finish().getSha256()).isEqualTo(digest);
        assertThat(read(NAME, 0, 0)).isEqualTo(content);
    }

    @Test
    void anUploadIsWrittenReadAndImported() throws Exception {
        Upload created = create(content.length);
        assertThat(created.getName()).isEqualTo(NAME);
        assertThat(created.getExpireTime().getSeconds())
                .isGreaterThan(java.time.Instant.now().getEpochSecond());
        assertThat(write(piece(0, PIECE).setResourceName(NAME)).getCommittedSize())
                .isEqualTo(PIECE);
        assertThat(create(content.length).getCommittedSize()).isEqualTo(PIECE);
        assertThat(writeAll(PIECE)).isEqualTo(content.length);
        assertThat(finish()).isEqualTo(finish());
        assertThat(read(NAME, 1_234_560, 0)).isEqualTo(Arrays.copyOfRange(content, 1_234_560, 1_234_567));
        assertThat(read(NAME, 10, 300_000)).isEqualTo(Arrays.copyOfRange(content, 10, 300_010));
        assertThat(read(NAME, 1_234_567, 0)).isEmpty();

        Model model = imported("some-model", NAME);
        assertThat(model.getName()).isEqualTo("projects/default/models/some-model");
        String file = model.getName() + "/files/weights/model.bin";
        assertThat(read(file, 0, 0)).isEqualTo(content);
        assertThat(read(file, 5, 5)).isEqualTo(Arrays.copyOfRange(content, 5, 10));
        assertThat(Files.readString(folder.resolve("models/some-model/config.json")))
                .isEqualTo("{}");
        assertThat(folder.resolve("uploads")).isEmptyDirectory();

        uploads().deleteUpload(DeleteUploadRequest.newBuilder().setName(NAME).build());
        assertThat(reason(refused(() -> read(NAME, 0, 0)))).isEqualTo("UPLOAD_NOT_FOUND");
    }

    @Test
    void whatDoesNotFitIsRefused() throws Exception {
        assertThat(reason(refused(() -> status()))).isEqualTo("UPLOAD_NOT_FOUND");
        create(10);
        assertThat(reason(refused(() -> create(11)))).isEqualTo("UPLOAD_EXISTS");
        assertThat(reason(refused(() -> create(-1)))).isEqualTo("UPLOAD_EXISTS");
        assertThat(reason(refused(() -> create("large-file", 1L << 40)))).isEqualTo("UPLOAD_TOO_LARGE");
        assertThat(create("", 5).getName()).matches("projects/default/uploads/upload-[0-9a-f-]{36}");

        assertThat(writeRefused(piece(0, 5))).isEqualTo("REQUEST_INVALID");
        assertThat(writeRefused(piece(1, 5).setResourceName(NAME))).isEqualTo("OFFSET_INVALID");
        assertThat(writeRefused(piece(0, 11).setResourceName(NAME))).isEqualTo("UPLOAD_INVALID");
        assertThat(writeRefused(piece(0, 5).setResourceName(NAME), piece(4, 6))).isEqualTo("UPLOAD_INVALID");
        assertThat(writeRefused(piece(0, 5).setResourceName(NAME), piece(5, 6).setResourceName(NAME + "2")))
                .isEqualTo("UPLOAD_INVALID");
        assertThat(writeRefused(piece(0, 9).setResourceName(NAME).setFinishWrite(true)))
                .isEqualTo("UPLOAD_INCOMPLETE");
        assertThat(writeRefused(piece(0, (1 << 20) + 1).setResourceName(NAME))).isEqualTo("UPLOAD_INVALID");
        assertThat(writeRefused()).isEqualTo("UPLOAD_INVALID");
        assertThat(reason(refused(this::finish))).isEqualTo("UPLOAD_INCOMPLETE");
        assertThat(reason(importRefused(NAME))).isEqualTo("UPLOAD_INCOMPLETE");
        assertThat(reason(importRefused(NAME + "2"))).isEqualTo("UPLOAD_NOT_FOUND");
        assertThat(reason(importRefused("../../etc/passwd"))).isEqualTo("REQUEST_INVALID");

        write(piece(0, 10).setResourceName(NAME).setFinishWrite(true));
        assertThat(status().getComplete()).isTrue();
        assertThat(reason(refused(this::finish))).isEqualTo("UPLOAD_INVALID");
        assertThat(reason(refused(() -> read(NAME, 0, 0)))).isEqualTo("UPLOAD_INCOMPLETE");
        content = Arrays.copyOf(content, 10);
        digest = HexFormat.of().formatHex(UploadFolder.sha256().digest(content));
        finish();
        assertThat(reason(refused(() -> read(NAME, 11, 0)))).isEqualTo("OFFSET_INVALID");
        assertThat(reason(refused(() -> read(NAME, 0, -1)))).isEqualTo("REQUEST_INVALID");
        assertThat(writeRefused(piece(0, 1).setResourceName(NAME))).isEqualTo("UPLOAD_FINAL");
    }

    /** S-7: nothing but names of uploads and of files of models is a name. */
    @Test
    void namesThatLeadElsewhereOpenNothing() throws Exception {
        Files.writeString(folder.resolve("secret"), "secret");
        List<String> names = new ArrayList<>();
        for (String vector : dev.ternion.Traversals.names()) {
            names.addAll(
                    List.of(vector, "projects/default/uploads/" + vector, "projects/default/models/m/files/" + vector));
        }
        for (String name : names) {
            Throwable read = catchThrowable(() -> read(name, 0, 0));
            assertThat(reason(StatusProto.fromThrowable(read)))
                    .as("Read %s", name)
                    .isIn("REQUEST_INVALID", "UPLOAD_NOT_FOUND", "MODEL_NOT_FOUND");
            assertThat(writeRefused(
                            WriteRequest.newBuilder().setResourceName(name).setData(ByteString.copyFromUtf8("x"))))
                    .as("Write %s", name)
                    .isIn("REQUEST_INVALID", "UPLOAD_INVALID", "UPLOAD_NOT_FOUND");
        }
        assertThat(names).hasSizeGreaterThan(180);
        assertThat(folder.resolve("incoming")).isEmptyDirectory();
    }

    private Upload create(long size) {
        return create("some-file", size);
    }

    private Upload create(String id, long size) {
        return uploads()
                .createUpload(CreateUploadRequest.newBuilder()
                        .setUploadId(id)
                        .setSizeBytes(size)
                        .build());
    }

    private WriteRequest.Builder piece(int from, int end) {
        return WriteRequest.newBuilder().setWriteOffset(from).setData(ByteString.copyFrom(content, from, end - from));
    }

    private WriteResponse write(WriteRequest.Builder... messages) throws Exception {
        CompletableFuture<WriteResponse> answer = new CompletableFuture<>();
        StreamObserver<WriteRequest> writing =
                ByteStreamGrpc.newStub(test.channel).write(new Answer<>(answer));
        try {
            for (WriteRequest.Builder message : messages) {
                writing.onNext(message.build());
            }
            writing.onCompleted();
        } catch (IllegalStateException e) {
            assertThat(answer).isCompletedExceptionally();
        }
        return answer.get(1, TimeUnit.MINUTES);
    }

    private long writeAll(int from) throws Exception {
        List<WriteRequest.Builder> pieces = new ArrayList<>();
        for (int at = from; at < content.length; at += PIECE) {
            pieces.add(piece(at, Math.min(content.length, at + PIECE)).setResourceName(NAME));
        }
        return write(pieces.toArray(WriteRequest.Builder[]::new)).getCommittedSize();
    }

    private String writeRefused(WriteRequest.Builder... messages) {
        Throwable thrown = catchThrowable(() -> write(messages));
        return reason(StatusProto.fromThrowable(thrown));
    }

    private QueryWriteStatusResponse status() {
        return ByteStreamGrpc.newBlockingStub(test.channel)
                .queryWriteStatus(QueryWriteStatusRequest.newBuilder()
                        .setResourceName(NAME)
                        .build());
    }

    private Upload finish() {
        return uploads()
                .finalizeUpload(FinalizeUploadRequest.newBuilder()
                        .setName(NAME)
                        .setSha256(digest)
                        .build());
    }

    private byte[] read(String name, long offset, long limit) {
        List<ByteString> pieces = new ArrayList<>();
        ByteStreamGrpc.newBlockingStub(test.channel)
                .read(ReadRequest.newBuilder()
                        .setResourceName(name)
                        .setReadOffset(offset)
                        .setReadLimit(limit)
                        .build())
                .forEachRemaining((ReadResponse piece) -> pieces.add(piece.getData()));
        assertThat(pieces).allSatisfy(piece -> assertThat(piece.size()).isLessThanOrEqualTo(256 << 10));
        return ByteString.copyFrom(pieces).toByteArray();
    }

    private Model imported(String id, String upload) throws Exception {
        CompletableFuture<Model> answer = new CompletableFuture<>();
        StreamObserver<ImportModelRequest> importing =
                ModelServiceGrpc.newStub(test.channel).importModel(new Answer<>(answer));
        ImportModelRequest.Builder header = ImportModelRequest.newBuilder();
        header.setHeader(ImportModelHeader.newBuilder()
                .setModelId(id)
                .addUploads(
                        UploadedFile.newBuilder().setPath("weights/model.bin").setUpload(upload)));
        ImportModelRequest.Builder small = ImportModelRequest.newBuilder();
        small.getChunkBuilder()
                .setPath("config.json")
                .setData(ByteString.copyFromUtf8("{}"))
                .setLast(true);
        try {
            importing.onNext(header.build());
            importing.onNext(small.build());
            importing.onCompleted();
        } catch (IllegalStateException e) {
            assertThat(answer).isCompletedExceptionally();
        }
        return answer.get(1, TimeUnit.MINUTES);
    }

    private Status importRefused(String upload) {
        return StatusProto.fromThrowable(catchThrowable(() -> imported("some-model", upload)));
    }

    private UploadServiceGrpc.UploadServiceBlockingStub uploads() {
        return UploadServiceGrpc.newBlockingStub(test.channel);
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
