using System.Buffers.Binary;
using System.Text;

namespace P6bNative.Trainer.Data;

/// <summary>Writes the central directory of a zip file; the counterpart of <see cref="ZipDirectory"/>.</summary>
internal static class ZipDirectoryWriter
{
    private const ushort PlainVersion = 20;
    private const ushort Zip64Version = 45;
    private const ushort OldestDate = (1 << 5) | 1;

    /// <summary>Appends directory and end record at the position of the stream.</summary>
    public static void Write(Stream stream, IReadOnlyList<ZipMember> members)
    {
        long offset = stream.Position;
        foreach (ZipMember member in members)
            stream.Write(Entry(member));
        long size = stream.Position - offset;
        if (offset >= uint.MaxValue || members.Count >= ushort.MaxValue)
            stream.Write(Zip64End(offset, size, members.Count));
        Span<byte> end = stackalloc byte[22];
        end.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054B50);
        BinaryPrimitives.WriteUInt16LittleEndian(end[8..], (ushort)Math.Min(members.Count, ushort.MaxValue));
        BinaryPrimitives.WriteUInt16LittleEndian(end[10..], (ushort)Math.Min(members.Count, ushort.MaxValue));
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], (uint)size);
        BinaryPrimitives.WriteUInt32LittleEndian(end[16..], (uint)Math.Min(offset, uint.MaxValue));
        stream.Write(end);
    }

    /// <summary>
    /// The header before the content: sizes always in a zip64 field, as numpy does. The checksum at byte 14 is filled in when the content is known.
    /// </summary>
    public static byte[] LocalHeader(ZipMember member)
    {
        byte[] name = Encoding.UTF8.GetBytes(member.Name);
        byte[] extra = Zip64Extra(member.Size, member.Size);
        var header = new byte[30 + name.Length + extra.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034B50);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), Zip64Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(12), OldestDate);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(18), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(22), uint.MaxValue);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(26), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(28), (ushort)extra.Length);
        name.CopyTo(header, 30);
        extra.CopyTo(header, 30 + name.Length);
        return header;
    }

    private static byte[] Entry(ZipMember member)
    {
        byte[] name = Encoding.UTF8.GetBytes(member.Name);
        bool large = member.Size >= uint.MaxValue || member.HeaderOffset >= uint.MaxValue;
        byte[] extra = large ? Zip64Extra(member.Size, member.Size, member.HeaderOffset) : [];
        var entry = new byte[46 + name.Length + extra.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, 0x02014B50);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(4), large ? Zip64Version : PlainVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(6), Zip64Version);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(14), OldestDate);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(16), member.Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(20), large ? uint.MaxValue : (uint)member.CompressedSize);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(24), large ? uint.MaxValue : (uint)member.Size);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(28), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(30), (ushort)extra.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(42), large ? uint.MaxValue : (uint)member.HeaderOffset);
        name.CopyTo(entry, 46);
        extra.CopyTo(entry, 46 + name.Length);
        return entry;
    }

    private static byte[] Zip64Extra(params ReadOnlySpan<long> values)
    {
        var extra = new byte[4 + 8 * values.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(extra, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(extra.AsSpan(2), (ushort)(8 * values.Length));
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(4 + 8 * i), values[i]);
        return extra;
    }

    private static byte[] Zip64End(long offset, long size, int count)
    {
        var end = new byte[56 + 20];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06064B50);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(4), 56 - 12);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(12), Zip64Version);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(14), Zip64Version);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(24), count);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(32), count);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(40), size);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(48), offset);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(56), 0x07064B50);
        BinaryPrimitives.WriteInt64LittleEndian(end.AsSpan(64), offset + size);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(72), 1);
        return end;
    }
}
