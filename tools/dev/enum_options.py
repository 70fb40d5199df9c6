"""enum_options.py: the options that the public protos carry on values of enums, for the generators.

SPDX-License-Identifier: Apache-2.0
"""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def load_pool(path):
    """A pool of the files of a descriptor set."""
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as stream:
        files.ParseFromString(stream.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


def options_of(pool, value):
    """The value's options, read again with the pool's own idea of EnumValueOptions."""
    kind = pool.FindMessageTypeByName("google.protobuf.EnumValueOptions")
    if hasattr(message_factory, "GetMessageClass"):
        message_class = message_factory.GetMessageClass(kind)
    else:
        message_class = message_factory.MessageFactory(pool).GetPrototype(kind)
    return message_class.FromString(value.GetOptions().SerializeToString())
