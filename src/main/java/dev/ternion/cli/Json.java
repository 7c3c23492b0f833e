package dev.ternion.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.ErrorDetailsProto;

/** Proto JSON; knows the error details that stand in a failed job. */
final class Json {
    private static final TypeRegistry TYPES = TypeRegistry.newBuilder()
            .add(ErrorDetailsProto.getDescriptor().getMessageTypes())
            .build();

    private static final JsonFormat.Printer PRINTER = JsonFormat.printer().usingTypeRegistry(TYPES);

    private static final JsonFormat.Printer LINE_PRINTER = PRINTER.omittingInsignificantWhitespace();

    private Json() {}

    /** The message as JSON in one line. */
    static String line(MessageOrBuilder message) {
        return print(LINE_PRINTER, message);
    }

    /** The message as indented JSON. */
    static String print(MessageOrBuilder message) {
        return print(PRINTER, message);
    }

    private static String print(JsonFormat.Printer printer, MessageOrBuilder message) {
        try {
            return printer.print(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the server's answer holds a detail of unknown type: " + e.getMessage(), e);
        }
    }

    /** Adds the JSON to the message; unknown fields are refused. */
    static void merge(String json, Message.Builder into) throws InvalidProtocolBufferException {
        JsonFormat.parser().usingTypeRegistry(TYPES).merge(json, into);
    }
}
