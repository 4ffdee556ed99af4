package io.pgnode.agent.rest;

import java.net.InetAddress;

/**
 * A network such as {@code 10.0.0.0/8} or {@code fd00::/8}; a plain address is a network of one.
 *
 * @param prefix leading bits that count
 */
public record Cidr(InetAddress network, int prefix) {
    public Cidr {
        int bits = network.getAddress().length * 8;
        if (prefix < 0 || prefix > bits) {
            throw new IllegalArgumentException(
                    "network prefix must be 0.." + bits + ", was " + prefix);
        }
    }

    /** Takes addresses only: nothing is resolved. */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        try {
            InetAddress network = InetAddress.ofLiteral(address.strip());
            int bits = network.getAddress().length * 8;
            return new Cidr(
                    network, slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "network must look like 10.0.0.0/8 or fd00::/8, was \"" + text + "\"", e);
        }
    }

    public boolean contains(InetAddress address) {
        byte[] ours = network.getAddress();
        byte[] theirs = address.getAddress();
        if (ours.length != theirs.length) {
            return false;
        }
        int whole = prefix / 8;
        for (int i = 0; i < whole; i++) {
            if (ours[i] != theirs[i]) {
                return false;
            }
        }
        int rest = prefix % 8;
        return rest == 0 || ((ours[whole] ^ theirs[whole]) & 0xff) >>> (8 - rest) == 0;
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefix;
    }
}
