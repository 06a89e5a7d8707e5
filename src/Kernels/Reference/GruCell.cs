using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void GruCellForward(MatrixView gates, MatrixView recurrent, View bias, MatrixView previous, MatrixView hidden)
    {
        Matrix gate = Read(gates), output = Read(hidden);
        int width = hidden.Columns;
        for (int row = 0; row < hidden.Rows; row++)
        {
            for (int c = 0; c < width; c++)
            {
                double u = Recurrent(row, 2 * width + c);
                double r = Sigmoid(gate[row, c] + Recurrent(row, c)), z = Sigmoid(gate[row, width + c] + Recurrent(row, width + c));
                double n = Math.Tanh(gate[row, 2 * width + c] + r * u);
                (gate[row, c], gate[row, width + c], gate[row, 2 * width + c]) = (r, z, n);
                Read(recurrent)[row, 2 * width + c] = u;
                output[row, c] = (1 - z) * n + z * (previous.IsEmpty ? 0 : Read(previous)[row, c]);
            }
        }

        double Recurrent(int row, int c) => (previous.IsEmpty ? 0 : Read(recurrent)[row, c]) + Read(bias)[c];
    }

    public void GruCellBackward(
        MatrixView dHidden, MatrixView gates, MatrixView recurrent, MatrixView previous, MatrixView dState, bool isLast)
    {
        Matrix gate = Read(gates), state = Read(recurrent), dBefore = Read(dState);
        int width = dHidden.Columns;
        for (int row = 0; row < dHidden.Rows; row++)
        {
            for (int c = 0; c < width; c++)
            {
                (double r, double z, double n) = (gate[row, c], gate[row, width + c], gate[row, 2 * width + c]);
                double dh = Read(dHidden)[row, c] + (isLast ? 0 : dBefore[row, c]);
                double dn = dh * (1 - z) * (1 - n * n);
                double dr = dn * state[row, 2 * width + c] * r * (1 - r);
                double dz = dh * ((previous.IsEmpty ? 0 : Read(previous)[row, c]) - n) * z * (1 - z);
                (gate[row, c], gate[row, width + c], gate[row, 2 * width + c]) = (dr, dz, dn);
                (state[row, c], state[row, width + c], state[row, 2 * width + c]) = (dr, dz, dn * r);
                dBefore[row, c] = dh * z;
            }
        }
    }
}
