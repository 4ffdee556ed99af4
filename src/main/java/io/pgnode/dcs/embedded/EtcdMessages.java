package io.pgnode.dcs.embedded;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;

/** etcd's messages as operations of the store, and its answers as etcd's. */
final class EtcdMessages {
    /** What etcd's members call each other; here there is one. */
    static final long MEMBER_ID = 1;

    static final long CLUSTER_ID = 0x70676e6f6465L;

    /** etcd's limits, with its default values. */
    private static final int MAX_OPS = 128;

    private static final int MAX_REQUEST_BYTES = 1_572_864;

    /** Of Compare: jetcd's protocol files are older than the comparison of leases. */
    private static final int TARGET_LEASE = 4;

    private static final int FIELD_LEASE = 11;

    private EtcdMessages() {}

    static StatusRuntimeException invalid(String why) {
        return Status.INVALID_ARGUMENT.withDescription("etcdserver: " + why).asRuntimeException();
    }

    static StatusRuntimeException refusal(KvException e) {
        Status status =
                switch (e.kind()) {
                    case LEASE_NOT_FOUND -> Status.NOT_FOUND;
                    case LEASE_EXISTS -> Status.FAILED_PRECONDITION;
                    case KEY_NOT_FOUND, DUPLICATE_KEY -> Status.INVALID_ARGUMENT;
                    case COMPACTED, FUTURE_REVISION -> Status.OUT_OF_RANGE;
                };
        return status.withDescription(e.getMessage()).asRuntimeException();
    }

    static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder()
                .setClusterId(CLUSTER_ID)
                .setMemberId(MEMBER_ID)
                .setRevision(revision)
                .setRaftTerm(1)
                .build();
    }

    static Bytes bytes(ByteString string) {
        return Bytes.wrap(string.toByteArray());
    }

    private static ByteString string(Bytes bytes) {
        return ByteString.copyFrom(bytes.array());
    }

    static KeyValue keyValue(KvEntry entry) {
        return KeyValue.newBuilder()
                .setKey(string(entry.key()))
                .setValue(string(entry.value()))
                .setCreateRevision(entry.createRevision())
                .setModRevision(entry.modRevision())
                .setVersion(entry.version())
                .setLease(entry.leaseId())
                .build();
    }

    // Requests

    static KvTxn txn(TxnRequest request) {
        if (request.getSerializedSize() > MAX_REQUEST_BYTES) {
            throw invalid("request is too large");
        }
        if (request.getCompareCount() > MAX_OPS
                || request.getSuccessCount() > MAX_OPS
                || request.getFailureCount() > MAX_OPS) {
            throw invalid("too many operations in txn request");
        }
        return new KvTxn(
                request.getCompareList().stream().map(EtcdMessages::compare).toList(),
                request.getSuccessList().stream().map(EtcdMessages::op).toList(),
                request.getFailureList().stream().map(EtcdMessages::op).toList());
    }

    private static KvTxn.Compare compare(Compare compare) {
        KvRange keys = range(compare.getKey(), compare.getRangeEnd());
        KvTxn.Relation relation =
                switch (compare.getResult()) {
                    case EQUAL -> KvTxn.Relation.EQUAL;
                    case GREATER -> KvTxn.Relation.GREATER;
                    case LESS -> KvTxn.Relation.LESS;
                    case NOT_EQUAL -> KvTxn.Relation.NOT_EQUAL;
                    case UNRECOGNIZED -> throw invalid("unknown comparison");
                };
        return switch (compare.getTargetValue()) {
            case Compare.CompareTarget.VERSION_VALUE ->
                    new KvTxn.Compare.Numeric(
                            keys, KvTxn.Field.VERSION, relation, compare.getVersion());
            case Compare.CompareTarget.CREATE_VALUE ->
                    new KvTxn.Compare.Numeric(
                            keys,
                            KvTxn.Field.CREATE_REVISION,
                            relation,
                            compare.getCreateRevision());
            case Compare.CompareTarget.MOD_VALUE ->
                    new KvTxn.Compare.Numeric(
                            keys, KvTxn.Field.MOD_REVISION, relation, compare.getModRevision());
            case Compare.CompareTarget.VALUE_VALUE ->
                    new KvTxn.Compare.Value(keys, relation, bytes(compare.getValue()));
            case TARGET_LEASE -> {
                UnknownFieldSet.Field lease = compare.getUnknownFields().getField(FIELD_LEASE);
                List<Long> values = lease.getVarintList();
                yield new KvTxn.Compare.Numeric(
                        keys, KvTxn.Field.LEASE, relation, values.isEmpty() ? 0 : values.getLast());
            }
            default -> throw invalid("unknown comparison target");
        };
    }

    private static KvTxn.Op op(RequestOp op) {
        return switch (op.getRequestCase()) {
            case REQUEST_RANGE -> new KvTxn.Op.Read(query(op.getRequestRange()));
            case REQUEST_PUT -> put(op.getRequestPut());
            case REQUEST_DELETE_RANGE -> delete(op.getRequestDeleteRange());
            case REQUEST_TXN -> new KvTxn.Op.Nested(txn(op.getRequestTxn()));
            case REQUEST_NOT_SET -> throw invalid("operation missing in txn request");
        };
    }

    static KvTxn.Op put(PutRequest request) {
        if (request.getSerializedSize() > MAX_REQUEST_BYTES) {
            throw invalid("request is too large");
        }
        if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
            throw invalid("value is provided");
        }
        if (request.getIgnoreLease() && request.getLease() != 0) {
            throw invalid("lease is provided");
        }
        return new KvTxn.Op.Put(
                key(request.getKey()),
                request.getIgnoreValue() ? null : bytes(request.getValue()),
                request.getIgnoreLease() ? null : (Long) request.getLease());
    }

    static KvTxn.Op delete(DeleteRangeRequest request) {
        return new KvTxn.Op.Delete(range(request.getKey(), request.getRangeEnd()));
    }

    static KvQuery query(RangeRequest request) {
        return new KvQuery(
                range(request.getKey(), request.getRangeEnd()),
                request.getRevision(),
                request.getLimit(),
                switch (request.getSortTarget()) {
                    case KEY, UNRECOGNIZED -> KvQuery.Order.KEY;
                    case VERSION -> KvQuery.Order.VERSION;
                    case CREATE -> KvQuery.Order.CREATE_REVISION;
                    case MOD -> KvQuery.Order.MOD_REVISION;
                    case VALUE -> KvQuery.Order.VALUE;
                },
                request.getSortOrder() == RangeRequest.SortOrder.DESCEND,
                request.getCountOnly(),
                request.getMinModRevision(),
                request.getMaxModRevision(),
                request.getMinCreateRevision(),
                request.getMaxCreateRevision());
    }

    private static Bytes key(ByteString key) {
        if (key.isEmpty()) {
            throw invalid("key is not provided");
        }
        return bytes(key);
    }

    static KvRange range(ByteString key, ByteString rangeEnd) {
        return KvRange.etcd(key(key), bytes(rangeEnd));
    }

    // Answers

    static TxnResponse answer(TxnRequest request, KvTxn.Outcome outcome) {
        return txn(request, outcome.succeeded(), outcome.results(), outcome.revision());
    }

    private static TxnResponse txn(
            TxnRequest request, boolean succeeded, List<KvTxn.Result> results, long revision) {
        TxnResponse.Builder response =
                TxnResponse.newBuilder().setHeader(header(revision)).setSucceeded(succeeded);
        List<RequestOp> ops = succeeded ? request.getSuccessList() : request.getFailureList();
        for (int i = 0; i < results.size(); i++) {
            response.addResponses(op(ops.get(i), results.get(i), revision));
        }
        return response.build();
    }

    private static ResponseOp op(RequestOp request, KvTxn.Result result, long revision) {
        ResponseOp.Builder response = ResponseOp.newBuilder();
        switch (result) {
            case KvTxn.Result.Read(KvQuery.Answer answer) ->
                    response.setResponseRange(range(request.getRequestRange(), answer, revision));
            case KvTxn.Result.Put put ->
                    response.setResponsePut(put(request.getRequestPut(), put, revision));
            case KvTxn.Result.Delete delete ->
                    response.setResponseDeleteRange(
                            delete(request.getRequestDeleteRange(), delete, revision));
            case KvTxn.Result.Nested(boolean succeeded, List<KvTxn.Result> results) ->
                    response.setResponseTxn(
                            txn(request.getRequestTxn(), succeeded, results, revision));
        }
        return response.build();
    }

    static RangeResponse range(RangeRequest request, KvQuery.Answer answer, long revision) {
        RangeResponse.Builder response =
                RangeResponse.newBuilder()
                        .setHeader(header(revision))
                        .setCount(answer.count())
                        .setMore(answer.more());
        for (KvEntry entry : answer.entries()) {
            KeyValue pair = keyValue(entry);
            response.addKvs(request.getKeysOnly() ? pair.toBuilder().clearValue().build() : pair);
        }
        return response.build();
    }

    static PutResponse put(PutRequest request, KvTxn.Result.Put result, long revision) {
        PutResponse.Builder response = PutResponse.newBuilder().setHeader(header(revision));
        KvEntry previous = result.previous();
        if (request.getPrevKv() && previous != null) {
            response.setPrevKv(keyValue(previous));
        }
        return response.build();
    }

    static DeleteRangeResponse delete(
            DeleteRangeRequest request, KvTxn.Result.Delete result, long revision) {
        DeleteRangeResponse.Builder response =
                DeleteRangeResponse.newBuilder()
                        .setHeader(header(revision))
                        .setDeleted(result.previous().size());
        if (request.getPrevKv()) {
            result.previous().forEach(entry -> response.addPrevKvs(keyValue(entry)));
        }
        return response.build();
    }
}
