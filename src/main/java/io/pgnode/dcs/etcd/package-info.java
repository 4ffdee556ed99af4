/**
 * The production store: etcd v3 over gRPC.
 *
 * <p>{@code EtcdDcs} speaks jetcd's generated protocol over one channel per endpoint rather than
 * through jetcd's client, because what to do after a failure is ours to decide: a transaction is
 * never sent twice unless the first copy certainly never left this process, every call ends by its
 * deadline, and a hung endpoint costs one deadline at most. Read in this order: {@code EtcdDcs},
 * {@code EtcdCall} (attempts and deadlines of one request), {@code EtcdEndpoints} (which server is
 * asked), {@code EtcdWatch}.
 */
@NullMarked
package io.pgnode.dcs.etcd;

import org.jspecify.annotations.NullMarked;
