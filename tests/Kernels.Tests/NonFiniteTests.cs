using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests;

/// <summary>A number that is not finite must reach the loss or the gradient norm; no operation may hide it.</summary>
[Collection(nameof(OperationTests))]
public sealed class NonFiniteTests
{
    private const int Rows = 5, Columns = 37;

    public static TheoryData<string, float> OperationsAndNumbers()
    {
        var data = new TheoryData<string, float>();
        foreach (string operation in Calls.Keys)
        {
            data.Add(operation, float.NaN);
            data.Add(operation, float.PositiveInfinity);
        }

        return data;
    }

    /// <summary>Calls from x [Rows,Columns] to y of the same shape; the other arguments are ones.</summary>
    private static Dictionary<string, Action<IOperations, MatrixView, MatrixView, View>> Calls { get; } = new()
    {
        [nameof(IOperations.MatMul)] = (o, x, y, ones) =>
            o.MatMul(MatMulForm.NN, x, ones.Slice(0, Columns * Columns).AsMatrix(Columns, Columns), y, default, accumulate: false),
        [nameof(IOperations.ColumnSum)] = (o, x, y, _) => o.ColumnSum(x, y.Data.Slice(0, Columns), accumulate: false),
        [nameof(IOperations.AddPositionForward)] = (o, x, y, ones) => o.AddPositionForward(x, ones.Slice(0, Columns).AsMatrix(1, Columns), y),
        [nameof(IOperations.SlotSkipsForward)] = (o, x, y, ones) => o.SlotSkipsForward(
            x, ones.Slice(0, 1), ones.Slice(0, Rows * Columns).AsMatrix(Rows, Columns), y),
        [nameof(IOperations.ReluDropoutForward)] = (o, x, y, _) => o.ReluDropoutForward(x, y, Dropout.None),
        [nameof(IOperations.GeluForward)] = (o, x, y, _) => o.GeluForward(x, y),
        [nameof(IOperations.DropoutForward)] = (o, x, y, _) => o.DropoutForward(x, y, Dropout.None),
        [nameof(IOperations.PreviousStep)] = (o, x, y, _) => o.PreviousStep(x, Rows, y),
        [nameof(IOperations.SlotMean)] = (o, x, y, _) => o.SlotMean(x, y.SliceRows(0, 1)),
        [nameof(IOperations.SlotMixtureForward)] = (o, x, y, ones) =>
            o.SlotMixtureForward(x.SliceRows(0, 1), x, x, ones.Slice(0, Rows).AsMatrix(1, Rows), y.SliceRows(0, 1)),
        [nameof(IOperations.GradientNorm)] = (o, x, y, _) => o.GradientNorm(x.Data, y.Data.Slice(0, 1)),
        [nameof(IOperations.LayerNormForward)] = (o, x, y, ones) => o.LayerNormForward(
            x, ones.Slice(0, Columns), ones.Slice(0, Columns), y, ones.Slice(100, Rows), ones.Slice(200, Rows)),
        [nameof(IOperations.AttentionForward)] = (o, x, y, ones) => o.AttentionForward(
            new AttentionShape(1, 1, Rows, Rows), x, x, x, y, ones.Slice(0, Rows * Rows), Dropout.None),
    };

    [Theory]
    [MemberData(nameof(OperationsAndNumbers))]
    public void Is_not_hidden(string operation, float number)
    {
        foreach (TestDevice tested in TestDevices.All.Append(TestDevices.Reference))
        {
            // Elements of a whole vector, of its last lane and of the tail behind it.
            foreach (int element in new[] { 0, 15, Columns - 1 })
            {
                Device device = tested.Device;
                using Buffer x = device.Allocate(Rows * Columns), y = device.Allocate(Rows * Columns), ones = device.Allocate(Columns * Columns);
                float[] values = new float[Rows * Columns], one = new float[Columns * Columns], result = new float[Rows * Columns];
                Array.Fill(one, 1);
                values[element] = number;
                device.Upload(values, x.All);
                device.Upload(one, ones.All);
                Calls[operation](device.Operations, x.All.AsMatrix(Rows, Columns), y.All.AsMatrix(Rows, Columns), ones.All);
                device.Download(y.All, result);
                Assert.Contains(result, value => !float.IsFinite(value));
            }
        }
    }
}
