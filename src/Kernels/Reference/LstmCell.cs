using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void LstmCellForward(MatrixView gates, MatrixView recurrent, View bias, MatrixView previousCell, MatrixView cell, MatrixView hidden)
    {
        Matrix gate = Read(gates), state = Read(cell), output = Read(hidden);
        int width = cell.Columns;
        for (int r = 0; r < cell.Rows; r++)
        {
            for (int c = 0; c < width; c++)
            {
                double i = Sigmoid(Activation(r, c)), f = Sigmoid(Activation(r, width + c));
                double g = Math.Tanh(Activation(r, 2 * width + c)), o = Sigmoid(Activation(r, 3 * width + c));
                (gate[r, c], gate[r, width + c], gate[r, 2 * width + c], gate[r, 3 * width + c]) = (i, f, g, o);
                state[r, c] = f * (previousCell.IsEmpty ? 0 : Read(previousCell)[r, c]) + i * g;
                output[r, c] = o * Math.Tanh(state[r, c]);
            }
        }

        double Activation(int r, int c) => Read(gates)[r, c] + (recurrent.IsEmpty ? 0 : Read(recurrent)[r, c]) + Read(bias)[c];
    }

    public void LstmCellBackward(
        MatrixView dHidden, MatrixView dNext, MatrixView gates, MatrixView cell, MatrixView previousCell, MatrixView dCell)
    {
        Matrix gate = Read(gates), dState = Read(dCell);
        int width = cell.Columns;
        for (int r = 0; r < cell.Rows; r++)
        {
            for (int c = 0; c < width; c++)
            {
                (double i, double f, double g, double o) = (gate[r, c], gate[r, width + c], gate[r, 2 * width + c], gate[r, 3 * width + c]);
                double t = Math.Tanh(Read(cell)[r, c]);
                double dh = Read(dHidden)[r, c] + (dNext.IsEmpty ? 0 : Read(dNext)[r, c]);
                double dc = (dNext.IsEmpty ? 0 : dState[r, c]) + dh * o * (1 - t * t);
                gate[r, c] = dc * g * i * (1 - i);
                gate[r, width + c] = dc * (previousCell.IsEmpty ? 0 : Read(previousCell)[r, c]) * f * (1 - f);
                gate[r, 2 * width + c] = dc * i * (1 - g * g);
                gate[r, 3 * width + c] = dh * t * o * (1 - o);
                dState[r, c] = dc * f;
            }
        }
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
