% Octave: product.m nn|tn SIZE computes a * b or a' * b in single precision. Questions and answers as in answers.py.
words = argv();
kind = words{1};
n = str2double(words{2});
randn('seed', 1);
a = single(randn(n));
b = single(randn(n));
function c = product(kind, a, b)
  if strcmp(kind, 'nn')
    c = a * b;
  else
    c = a' * b;
  end
end
while true
  try
    question = input('', 's');
  catch
    break;
  end
  if strcmp(question, 'time')
    start = tic;
    c = product(kind, a, b);
    printf('%.9f\n', toc(start));
    clear c;
  elseif strcmp(question, 'error')
    exact = product(kind, double(a), double(b));
    printf('%.9g\n', norm(double(product(kind, a, b)) - exact, 'fro') / norm(exact, 'fro'));
  else
    printf('\n');
  end
  fflush(stdout);
end
