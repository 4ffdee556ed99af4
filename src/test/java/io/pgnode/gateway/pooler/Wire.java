package io.pgnode.gateway.pooler;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Messages of a client as bytes, right and wrong ones. */
final class Wire {
    static final byte[] TLS_REQUEST = request(80877103);
    static final byte[] GSS_REQUEST = request(80877104);

    private Wire() {}

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] string(String text) {
        return text(text + "\0");
    }

    static byte[] int16(int number) {
        return ByteBuffer.allocate(2).putShort((short) number).array();
    }

    static byte[] int32(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    static byte[] message(char tag, byte[]... body) {
        byte[] all = concat(body);
        return withLength(tag, all.length + 4, all);
    }

    /** Says that it is as long as it is not. */
    static byte[] withLength(char tag, int length, byte[]... body) {
        return concat(new byte[] {(byte) tag}, int32(length), concat(body));
    }

    static byte[] opening(int length, byte[]... body) {
        return concat(int32(length), concat(body));
    }

    static byte[] startup(String... pairs) {
        byte[] body = int32(3 << 16);
        for (String text : pairs) {
            body = concat(body, string(text));
        }
        return opening(body.length + 5, body, new byte[1]);
    }

    private static byte[] request(int code) {
        return opening(8, int32(code));
    }

    static byte[] cancel(long key) {
        return opening(16, int32(80877102), ByteBuffer.allocate(8).putLong(key).array());
    }

    static byte[] query(String sql) {
        return message('Q', string(sql));
    }

    static byte[] parse(String name, String sql) {
        return message('P', string(name), string(sql), int16(0));
    }

    /** With parameters as text. */
    static byte[] bind(String statement, String... parameters) {
        byte[] body = concat(string(""), string(statement), int16(0), int16(parameters.length));
        for (String parameter : parameters) {
            byte[] value = text(parameter);
            body = concat(body, int32(value.length), value);
        }
        return message('B', body, int16(0));
    }

    static byte[] execute() {
        return message('E', string(""), int32(0));
    }

    /** A statement without a name, from Parse to Execute. */
    static byte[] run(String sql, String... parameters) {
        return concat(parse("", sql), bind("", parameters), execute());
    }

    static byte[] describeStatement(String name) {
        return message('D', text("S"), string(name));
    }

    static byte[] closeStatement(String name) {
        return message('C', text("S"), string(name));
    }

    static byte[] flush() {
        return message('H');
    }

    static byte[] sync() {
        return message('S');
    }

    static byte[] copyData(String data) {
        return message('d', text(data));
    }

    static byte[] copyDone() {
        return message('c');
    }

    static byte[] copyFail(String why) {
        return message('f', string(why));
    }
}
