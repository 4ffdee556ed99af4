package io.pgnode.gateway.pooler.hba;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;

/**
 * Addresses with the same leading bits. An IPv4 address never matches a range of IPv6, nor the
 * other way round.
 *
 * @param network address of the network; empty for all addresses of both kinds
 * @param mask as long as the network
 */
@SuppressWarnings("ArrayRecordComponent") // equals treats the arrays themselves
public record AddressRange(byte[] network, byte[] mask) {
    static final AddressRange ALL = new AddressRange(new byte[0], new byte[0]);

    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (network.length == 0) {
            return true;
        }
        if (bytes.length != network.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (((bytes[i] ^ network[i]) & mask[i]) != 0) {
                return false;
            }
        }
        return true;
    }

    /** {@code address/bits}; empty when it is not that. */
    static Optional<AddressRange> cidr(String text) {
        int slash = text.indexOf('/');
        Optional<InetAddress> address =
                slash < 0 ? Optional.empty() : literal(text.substring(0, slash));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = address.get().getAddress();
        try {
            int bits = Integer.parseInt(text.substring(slash + 1));
            return bits < 0 || bits > bytes.length * 8
                    ? Optional.empty()
                    : Optional.of(new AddressRange(bytes, mask(bytes.length, bits)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static byte[] mask(int length, int bits) {
        byte[] mask = new byte[length];
        for (int i = 0; i < bits; i++) {
            mask[i / 8] |= (byte) (0x80 >> i % 8);
        }
        return mask;
    }

    /** An address and a mask of its own; empty when they are none or do not belong together. */
    static Optional<AddressRange> masked(String address, String mask) {
        Optional<InetAddress> network = literal(address);
        Optional<InetAddress> bits = literal(mask);
        if (network.isEmpty() || bits.isEmpty()) {
            return Optional.empty();
        }
        byte[] a = network.get().getAddress();
        byte[] m = bits.get().getAddress();
        return a.length == m.length ? Optional.of(new AddressRange(a, m)) : Optional.empty();
    }

    /** Never asks a name server. */
    static Optional<InetAddress> literal(String text) {
        if (text.indexOf(':') < 0 && !text.matches("[0-9]+([.][0-9]+){3}")) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AddressRange that
                && Arrays.equals(network, that.network)
                && Arrays.equals(mask, that.mask);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(network);
    }
}
