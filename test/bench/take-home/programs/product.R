# R: product.R nn|tn SIZE computes a %*% b or crossprod(a, b), in double precision. Questions and answers as in answers.py.
words <- commandArgs(trailingOnly = TRUE)
n <- as.integer(words[2])
set.seed(1)
a <- matrix(rnorm(n * n), n)
b <- matrix(rnorm(n * n), n)
product <- function(a, b) if (words[1] == "nn") a %*% b else crossprod(a, b)
# R's own loops sum in the longest numbers that the processor has; so many columns of the product are compared.
columns <- 1:4
error <- function() {
  made <- product(a, b)[, columns]
  options(matprod = "internal")
  exact <- product(a, b[, columns])
  options(matprod = "default")
  norm(made - exact, "F") / norm(exact, "F")
}
questions <- file("stdin", "r")
while (length(question <- readLines(questions, n = 1)) == 1) {
  if (question == "time") {
    start <- Sys.time()
    made <- product(a, b)
    answer <- format(as.numeric(Sys.time()) - as.numeric(start), digits = 9)
    rm(made)
  } else if (question == "error") {
    answer <- format(error(), digits = 9)
  } else {
    answer <- ""
  }
  cat(answer, "\n", sep = "")
  flush(stdout())
}
