using System.Buffers.Binary;
using System.Text;

namespace P6bNative.Trainer.Data;

/// <summary>What the elements of an array are, as far as this program reads them.</summary>
public enum NpyKind
{
    /// <summary>Anything else: complex, dates, bytes, structures.</summary>
    Other,

    /// <summary>Floating point of 2, 4 or 8 bytes.</summary>
    Float,

    /// <summary>Signed integers of 1 to 8 bytes.</summary>
    Integer,

    /// <summary>Unsigned integers of 1 to 8 bytes.</summary>
    Unsigned,

    /// <summary>One byte, 0 or 1.</summary>
    Boolean,

    /// <summary>Text of a fixed number of 4-byte characters.</summary>
    Unicode,

    /// <summary>A pickle of Python objects.</summary>
    Object,
}

/// <summary>
/// The header of a .npy array, versions 1 to 3 (numpy.lib.format): magic, version, length, and a Python dict of descr, fortran_order and shape.
/// </summary>
public sealed class NpyHeader
{
    private const int LengthLimit = 1 << 20;

    private NpyHeader(string descr, bool fortranOrder, long[] shape, int length)
    {
        Descr = descr;
        FortranOrder = fortranOrder;
        Shape = shape;
        Length = length;
        (Kind, ItemSize) = Classify(descr);
        BigEndian = descr.StartsWith('>') && ItemSize > 1;
    }

    /// <summary>The element type as numpy writes it, e.g. <c>&lt;f4</c>.</summary>
    public string Descr { get; }

    /// <summary>What the elements are.</summary>
    public NpyKind Kind { get; }

    /// <summary>Bytes of an element; 0 for objects and for what is not read.</summary>
    public int ItemSize { get; }

    /// <summary>Whether the bytes of an element come most significant first.</summary>
    public bool BigEndian { get; }

    /// <summary>Whether the first index runs fastest.</summary>
    public bool FortranOrder { get; }

    /// <summary>The extent of each axis; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Bytes before the data.</summary>
    internal int Length { get; }

    /// <summary>Number of elements; 1 for a scalar.</summary>
    public long Count => Shape.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>The shape as numpy prints it.</summary>
    public string ShapeText => MessageText.Shape(Shape.ToArray());

    /// <summary>Reads a header from the front of a member.</summary>
    /// <exception cref="InputException">Not a .npy array, an unknown version, or a header that makes no sense.</exception>
    internal static NpyHeader Read(Stream stream, string where)
    {
        Span<byte> start = stackalloc byte[12];
        ReadExactly(stream, start[..10], where);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw new InputException($"{where}: not a .npy array");
        int version = start[6];
        if (version is < 1 or > 3 || start[7] != 0)
            throw new InputException($"{where}: .npy version {version}.{start[7]} is unknown; 1.0, 2.0 and 3.0 are read");
        uint length = BinaryPrimitives.ReadUInt16LittleEndian(start[8..]);
        int prefix = 10;
        if (version > 1)
        {
            ReadExactly(stream, start[10..], where);
            length = BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
            prefix = 12;
        }
        if (length > LengthLimit)
            throw new InputException($"{where}: a .npy header of {length} bytes is too long to be true");
        var bytes = new byte[length];
        ReadExactly(stream, bytes, where);
        string text = (version == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes);
        (string descr, bool fortran, long[] shape) = new NpyHeaderText(text, where).Parse();
        return new NpyHeader(descr, fortran, CheckShape(shape, where), prefix + (int)length);
    }

    private static void ReadExactly(Stream stream, Span<byte> destination, string where)
    {
        if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            throw new InputException($"{where}: not a .npy array: its header is cut off");
    }

    // With the largest element (65535 characters of 4 bytes) the size in bytes still fits 64 bits.
    private static long[] CheckShape(long[] shape, string where)
    {
        UInt128 product = 1;
        foreach (long extent in shape)
        {
            product *= (UInt128)extent;
            if (product > long.MaxValue >> 20)
                throw new InputException($"{where}: the shape {MessageText.Shape(shape)} is too large to be true");
        }
        return shape;
    }

    private static (NpyKind Kind, int ItemSize) Classify(string descr)
    {
        string type = descr.Length > 0 && descr[0] is '<' or '>' or '|' or '=' ? descr[1..] : descr;
        return type switch
        {
            "f2" => (NpyKind.Float, 2),
            "f4" => (NpyKind.Float, 4),
            "f8" => (NpyKind.Float, 8),
            "i1" => (NpyKind.Integer, 1),
            "i2" => (NpyKind.Integer, 2),
            "i4" => (NpyKind.Integer, 4),
            "i8" => (NpyKind.Integer, 8),
            "u1" => (NpyKind.Unsigned, 1),
            "u2" => (NpyKind.Unsigned, 2),
            "u4" => (NpyKind.Unsigned, 4),
            "u8" => (NpyKind.Unsigned, 8),
            "b1" => (NpyKind.Boolean, 1),
            "O" => (NpyKind.Object, 0),
            ['U', .. var length] when ushort.TryParse(length, out ushort characters) && characters > 0 => (NpyKind.Unicode, characters * 4),
            _ => (NpyKind.Other, 0),
        };
    }
}
