package io.pgnode.dcs.etcd;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The servers, the one that failed longest ago first. Requests and watches go to that one, so that
 * the frequent requests find out for the silent watches when it hangs. Thread-safe.
 */
final class EtcdEndpoints {
    private final List<EtcdEndpoint> endpoints;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Runnable> onMove = new CopyOnWriteArrayList<>();
    private long failures;

    EtcdEndpoints(List<EtcdEndpoint> endpoints) {
        this.endpoints = List.copyOf(endpoints);
    }

    int size() {
        return endpoints.size();
    }

    EtcdEndpoint preferred() {
        return byPreference().getFirst();
    }

    List<EtcdEndpoint> byPreference() {
        lock.lock();
        try {
            List<EtcdEndpoint> sorted = new ArrayList<>(endpoints);
            sorted.sort(Comparator.comparingLong(endpoint -> endpoint.failure)); // stable
            return sorted;
        } finally {
            lock.unlock();
        }
    }

    /** Asks this server last from now on. */
    void failed(EtcdEndpoint endpoint) {
        EtcdEndpoint before;
        lock.lock();
        try {
            before = byPreference().getFirst();
            endpoint.failure = ++failures;
        } finally {
            lock.unlock();
        }
        if (before != preferred()) {
            onMove.forEach(Runnable::run);
        }
    }

    /** Runs {@code action} whenever another server has become the preferred one. */
    void onMove(Runnable action) {
        onMove.add(action);
    }

    void forgetOnMove(Runnable action) {
        onMove.remove(action);
    }

    void retryConnecting() {
        endpoints.forEach(EtcdEndpoint::retryConnecting);
    }

    void close() {
        endpoints.forEach(EtcdEndpoint::close);
    }
}
