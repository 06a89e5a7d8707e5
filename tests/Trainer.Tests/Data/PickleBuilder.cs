using System.Text;

namespace P6bNative.Trainer.Tests.Data;

/// <summary>Makes pickles opcode by opcode (protocol 2 unless another is asked for).</summary>
internal sealed class PickleBuilder
{
    private readonly List<byte> _bytes = [];

    public PickleBuilder(byte protocol = 2) => Bytes(0x80, protocol);

    /// <summary>What numpy writes around the items of an object array, up to the items.</summary>
    public static PickleBuilder ArrayOf(int count, string module = "numpy.core.multiarray") => new PickleBuilder()
        .Global(module, "_reconstruct").Global("numpy", "ndarray").Bytes((byte)'K', 0, 0x85, (byte)'U', 1, (byte)'b', 0x87, (byte)'R')
        .Bytes((byte)'(', (byte)'K', 1, (byte)'J').Int32(count).Bytes(0x85)
        .Global("numpy", "dtype").Text("O8").Bytes(0x89, 0x88, 0x87, (byte)'R')
        .Bytes((byte)'(', (byte)'K', 3).Text("|").Bytes((byte)'N', (byte)'N', (byte)'N', (byte)'J').Int32(-1).Bytes((byte)'J').Int32(-1)
        .Bytes((byte)'K', 63, (byte)'t', (byte)'b', 0x89, (byte)']', (byte)'(');

    /// <summary>A whole array of dicts with one integer each.</summary>
    public static byte[] Dicts(string name, params long[] values)
    {
        PickleBuilder pickle = ArrayOf(values.Length);
        foreach (long value in values)
            pickle.Bytes((byte)'}').Text(name).Bytes((byte)'J').Int32((int)value).Bytes((byte)'s');
        return pickle.EndArray();
    }

    public byte[] EndArray() => Bytes((byte)'e', (byte)'t', (byte)'b').End();

    public byte[] End() => [.. Bytes((byte)'.')._bytes];

    public PickleBuilder Bytes(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleBuilder Int32(int value) => Bytes(BitConverter.GetBytes(value));

    public PickleBuilder Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Bytes((byte)'X').Int32(bytes.Length).Bytes(bytes);
    }

    public PickleBuilder Global(string module, string name) => Bytes((byte)'c').Bytes(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
}
