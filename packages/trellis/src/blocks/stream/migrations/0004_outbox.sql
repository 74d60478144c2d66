-- Each event of a transaction would lock the row of its stream, and so wait for all others that do. Streams are not deleted.
alter table trellis.outbox drop constraint outbox_stream_fkey;
