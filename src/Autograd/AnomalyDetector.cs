using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd;

/// <summary>Downloads what a node has just written and looks for the first element that is not finite.</summary>
internal sealed class AnomalyDetector(Device device)
{
    private double[] _elements = [];

    public void AfterForward(Node node)
    {
        Check(node, backward: false, node.Output, node.Output.Value);
        foreach (Tensor saved in node.Saved)
            Check(node, backward: false, saved, saved.Value);
    }

    public void AfterBackward(Node node)
    {
        foreach (Operand operand in node.Operands.Where(o => o.IsWanted))
            Check(node, backward: true, operand.Tensor, operand.Gradient);
    }

    private void Check(Node node, bool backward, Tensor tensor, MatrixView written)
    {
        int length = checked((int)tensor.Length);
        if (_elements.Length < length)
            _elements = new double[length];
        Span<double> values = _elements.AsSpan(0, length);
        device.Download(written.Data, values);
        for (int i = 0; i < length; i++)
        {
            if (!double.IsFinite(values[i]))
                throw new AnomalyException(node, backward, tensor, i / tensor.Columns, i % tensor.Columns, values[i]);
        }
    }
}
