using System.Buffers.Binary;
using System.Text;

namespace P6bNative.Trainer.Data;

/// <summary>
/// Reads the central directory of a zip file, zip64 included (PKWARE APPNOTE 6.3.10, sections 4.3.12 to 4.5.3). Read here and not by
/// ZipArchive because stored members are read in place, and for that their position in the file is needed.
/// </summary>
internal static class ZipDirectory
{
    private const int EndLength = 22;
    private const int Zip64EndLength = 56;
    private const int Zip64LocatorLength = 20;
    private const int EntryLength = 46;
    private const int LocalLength = 30;
    private const long DirectoryLimit = 16 << 20;
    private const long LargestDeflateRatio = 1032;

    /// <summary>All members, in the order of the directory.</summary>
    public static List<ZipMember> Read(InputFile file)
    {
        (long offset, long size, long count) = FindDirectory(file);
        if (size > DirectoryLimit || offset < 0 || size < 0 || offset > file.Length - size)
            throw Damaged(file, $"its directory ({size} bytes at {offset}) does not lie inside the file");
        if (count < 0 || count > size / EntryLength)
            throw Damaged(file, $"its directory of {size} bytes cannot hold {count} members");

        var bytes = new byte[size];
        file.Read(offset, bytes);
        var members = new List<ZipMember>((int)count);
        ReadOnlySpan<byte> rest = bytes;
        for (long i = 0; i < count; i++)
            members.Add(ReadEntry(file, ref rest));
        return members;
    }

    /// <summary>Where the bytes of a member begin; its local header is checked on the way.</summary>
    public static long DataOffset(InputFile file, ZipMember member)
    {
        if (member.HeaderOffset > file.Length - LocalLength)
            throw Damaged(file, $"member {member.Name} begins behind the end of the file");
        Span<byte> header = stackalloc byte[LocalLength];
        file.Read(member.HeaderOffset, header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != 0x04034B50)
            throw Damaged(file, $"member {member.Name} has no header at byte {member.HeaderOffset}");
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        long data = member.HeaderOffset + LocalLength + nameLength + extraLength;
        if (data > file.Length || !NameAt(file, member.HeaderOffset + LocalLength, nameLength).Equals(member.Name, StringComparison.Ordinal))
            throw Damaged(file, $"the header at byte {member.HeaderOffset} is not that of {member.Name}");
        if (data > file.Length - member.CompressedSize)
            throw new InputException($"{file.Path}: truncated: the {member.CompressedSize} bytes of {member.Name} at {data} end after the file");
        return data;
    }

    private static string NameAt(InputFile file, long position, int length)
    {
        var bytes = new byte[length];
        file.Read(position, bytes);
        return NameOf(bytes);
    }

    private static string NameOf(ReadOnlySpan<byte> bytes) => MessageText.OneLine(Encoding.UTF8.GetString(bytes));

    private static (long Offset, long Size, long Count) FindDirectory(InputFile file)
    {
        if (file.Length < EndLength)
            throw new InputException($"{file.Path}: not an .npz file: {file.Length} bytes are too few for a zip archive");
        var tail = new byte[Math.Min(file.Length, EndLength + ushort.MaxValue)];
        file.Read(file.Length - tail.Length, tail);
        for (int at = tail.Length - EndLength; at >= 0; at--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(at);
            int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(end[20..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != 0x06054B50 || EndLength + commentLength != end.Length)
                continue;
            uint offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
            ushort count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
            bool zip64 = offset == uint.MaxValue || size == uint.MaxValue || count == ushort.MaxValue;
            return zip64 ? ReadZip64End(file, file.Length - tail.Length + at) : (offset, size, count);
        }
        Span<byte> head = stackalloc byte[4];
        file.Read(0, head);
        throw head.SequenceEqual("PK\x03\x04"u8)
            ? new InputException($"{file.Path}: truncated: the zip archive has no directory at its end")
            : new InputException($"{file.Path}: not an .npz file: no zip archive");
    }

    private static (long Offset, long Size, long Count) ReadZip64End(InputFile file, long endPosition)
    {
        if (endPosition < Zip64LocatorLength)
            throw Damaged(file, "the zip64 locator is missing");
        Span<byte> locator = stackalloc byte[Zip64LocatorLength];
        file.Read(endPosition - Zip64LocatorLength, locator);
        long position = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != 0x07064B50 || position < 0 || position > file.Length - Zip64EndLength)
            throw Damaged(file, "the zip64 locator is missing or wrong");
        Span<byte> end = stackalloc byte[Zip64EndLength];
        file.Read(position, end);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != 0x06064B50)
            throw Damaged(file, $"no zip64 record at byte {position}");
        return (BinaryPrimitives.ReadInt64LittleEndian(end[48..]), BinaryPrimitives.ReadInt64LittleEndian(end[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(end[32..]));
    }

    private static ZipMember ReadEntry(InputFile file, ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < EntryLength || BinaryPrimitives.ReadUInt32LittleEndian(rest) != 0x02014B50)
            throw Damaged(file, "its directory has a broken entry");
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]);
        int method = BinaryPrimitives.ReadUInt16LittleEndian(rest[10..]);
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(rest[16..]);
        long compressed = BinaryPrimitives.ReadUInt32LittleEndian(rest[20..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(rest[24..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[28..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[30..]);
        int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[32..]);
        long header = BinaryPrimitives.ReadUInt32LittleEndian(rest[42..]);
        int length = EntryLength + nameLength + extraLength + commentLength;
        if (rest.Length < length)
            throw Damaged(file, "its directory has a broken entry");

        string name = NameOf(rest.Slice(EntryLength, nameLength));
        ReadZip64Extra(rest.Slice(EntryLength + nameLength, extraLength), ref size, ref compressed, ref header);
        rest = rest[length..];

        if ((flags & 1) != 0)
            throw new InputException($"{file.Path}: member {name} is encrypted; numpy does not write such files");
        if (method is not (ZipMember.Stored or ZipMember.Deflated))
            throw new InputException($"{file.Path}: member {name} has compression method {method}; only stored (0) and deflated (8) are read");
        if (size < 0 || compressed < 0 || header < 0 || compressed > file.Length)
            throw Damaged(file, $"member {name} claims {compressed} bytes at {header}, the file has {file.Length}");
        if (method == ZipMember.Stored ? size != compressed : size / LargestDeflateRatio > compressed)
            throw Damaged(file, $"member {name} claims {size} bytes of content in {compressed} bytes");
        return new ZipMember(name, method, crc, compressed, size, header);
    }

    // The extra field 1 holds, in this order, only those values that are all ones in the entry itself.
    private static void ReadZip64Extra(ReadOnlySpan<byte> extra, ref long size, ref long compressed, ref long header)
    {
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
                return;
            if (id == 1)
            {
                ReadOnlySpan<byte> values = extra.Slice(4, length);
                Take(ref values, ref size);
                Take(ref values, ref compressed);
                Take(ref values, ref header);
                return;
            }
            extra = extra[(4 + length)..];
        }

        static void Take(ref ReadOnlySpan<byte> values, ref long field)
        {
            if (field != uint.MaxValue || values.Length < 8)
                return;
            field = BinaryPrimitives.ReadInt64LittleEndian(values);
            values = values[8..];
        }
    }

    private static InputException Damaged(InputFile file, string what) => new($"{file.Path}: damaged zip archive: {what}");
}
