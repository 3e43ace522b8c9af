package dev.skep.controlplane.replay;

import com.google.protobuf.ByteString;

/** What was answered to what. */
record Answer(ByteString callHash, ByteString message) {}
