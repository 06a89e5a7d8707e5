using System.Buffers.Binary;
using System.Text;

namespace P6bNative.Trainer.Data;

/// <summary>The values of pickled numpy scalars.</summary>
internal static class PickleScalar
{
    /// <summary>The value as bool, long, double or string; null when the type is not read or the bytes do not fit it.</summary>
    public static object? Read(PickleType type, byte[] bytes)
    {
        byte[] item = bytes;
        if (type.BigEndian && type.Descr.StartsWith('U'))
            return null;
        if (type.BigEndian)
        {
            item = [.. bytes];
            Array.Reverse(item);
        }
        return (type.Descr, item.Length) switch
        {
            ("b1", 1) => item[0] != 0,
            ("i1", 1) => (long)(sbyte)item[0],
            ("u1", 1) => (long)item[0],
            ("i2", 2) => (long)BinaryPrimitives.ReadInt16LittleEndian(item),
            ("u2", 2) => (long)BinaryPrimitives.ReadUInt16LittleEndian(item),
            ("i4", 4) => (long)BinaryPrimitives.ReadInt32LittleEndian(item),
            ("u4", 4) => (long)BinaryPrimitives.ReadUInt32LittleEndian(item),
            ("i8", 8) => BinaryPrimitives.ReadInt64LittleEndian(item),
            ("u8", 8) when item[7] < 0x80 => BinaryPrimitives.ReadInt64LittleEndian(item),
            ("f2", 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(item),
            ("f4", 4) => (double)BinaryPrimitives.ReadSingleLittleEndian(item),
            ("f8", 8) => BinaryPrimitives.ReadDoubleLittleEndian(item),
            (_, var length) when type.Descr.StartsWith('U') && length % 4 == 0 => Encoding.UTF32.GetString(item).TrimEnd('\0'),
            _ => null,
        };
    }
}
