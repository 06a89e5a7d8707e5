using P6bNative.Autograd;
using P6bNative.Kernels.Devices;

namespace P6bNative.Model;

/// <summary>
/// All parameters of a model in one flat buffer on a device, and for training their gradients and both Adam moments in three more of the
/// same layout: clipping, the optimizer and checkpoints each see one run of numbers.
/// </summary>
public sealed class ParameterSet : IDisposable
{
    private readonly List<Kernels.Devices.Buffer> _buffers = [];

    /// <summary>Allocates the buffers, zeroed.</summary>
    /// <param name="device">Where; must outlive this set.</param>
    /// <param name="layout">Names, shapes and places.</param>
    /// <param name="training">False for inference: values alone.</param>
    public ParameterSet(Device device, ParameterLayout layout, bool training = true)
    {
        Device = device;
        Layout = layout;
        Values = Allocate();
        if (training)
        {
            Gradients = Allocate();
            FirstMoment = Allocate();
            SecondMoment = Allocate();
        }
    }

    /// <summary>Where the numbers live.</summary>
    public Device Device { get; }

    /// <summary>Names, shapes and places.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The parameters.</summary>
    public View Values { get; }

    /// <summary>∂loss/∂parameters; empty for inference.</summary>
    public View Gradients { get; }

    /// <summary>Adam's m; empty for inference.</summary>
    public View FirstMoment { get; }

    /// <summary>Adam's v; empty for inference.</summary>
    public View SecondMoment { get; }

    /// <summary>The elements of one parameter.</summary>
    public View Value(string name) => Part(Values, Layout[name]);

    /// <summary>The gradient of one parameter; empty for inference.</summary>
    public View Gradient(string name) => Gradients.IsEmpty ? default : Part(Gradients, Layout[name]);

    /// <summary>A parameter as a leaf of a tape; recorded twice, it is the same tensor.</summary>
    public Tensor Record(Tape tape, string name)
    {
        ParameterEntry entry = Layout[name];
        return Record(tape, entry, name, 0, entry.Rows, entry.Columns);
    }

    /// <summary>Rows [first, first + count) of a weight, or those elements of a vector, as a leaf of their own.</summary>
    public Tensor Record(Tape tape, string name, int first, int count)
    {
        ParameterEntry entry = Layout[name];
        string part = $"{name}[{first}:{first + count}]";
        return entry.IsVector
            ? Record(tape, entry, part, first, 1, count)
            : Record(tape, entry, part, (long)first * entry.Columns, count, entry.Columns);
    }

    /// <summary>Returns the memory to the device.</summary>
    public void Dispose()
    {
        foreach (Kernels.Devices.Buffer buffer in _buffers)
            buffer.Dispose();
    }

    private static View Part(View all, ParameterEntry entry) => all.Slice(entry.Offset, entry.Length);

    private Tensor Record(Tape tape, ParameterEntry entry, string name, long start, int rows, int columns)
    {
        MatrixView View(View all) => Part(all, entry).Slice(start, (long)rows * columns).AsMatrix(rows, columns);
        return tape.Parameter(name, View(Values), Gradients.IsEmpty ? default : View(Gradients));
    }

    private View Allocate()
    {
        Kernels.Devices.Buffer buffer = Device.Allocate(Layout.Length);
        _buffers.Add(buffer);
        return buffer.All;
    }
}
